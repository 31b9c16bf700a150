"""`packet rules` and `packet explain`: what a case is checked against."""

from __future__ import annotations

import click


@click.command()
@click.option("--concern", help="Only the rules of one concern, such as money.")
def rules(concern: str | None) -> None:
    """List every rule: its id, level and what it says.

    \b
    Examples:
      packet rules
      packet rules --concern money
    """
    from pipeline.rules.catalog import concerns
    from pipeline.rules.catalog import rules as every
    from pipeline.rules.reference import in_words

    if concern and concern not in concerns():
        raise click.BadParameter(f"one of: {', '.join(concerns())}", param_hint="--concern")
    for rule in every():
        if concern in (None, rule.concern):
            click.echo(f"{rule.concern:<16}{rule.level:<9}{rule.id:<36}{in_words(rule.message)}")


@click.command()
@click.argument("rule_id", metavar="RULE")
def explain(rule_id: str) -> None:
    """Explain one rule: what it says, what mends it, where it comes from, and whether it can be accepted.

    \b
    Example:
      packet explain point-uncited
    """
    from difflib import get_close_matches

    from pipeline.rules.catalog import rule, rules
    from pipeline.rules.reference import explanation

    found = rule(rule_id)
    if found is None:
        near = get_close_matches(rule_id, [r.id for r in rules()], 1)
        raise click.BadParameter(f"there is no rule {rule_id!r}" + (f"; did you mean {near[0]!r}?" if near else ""), param_hint="RULE")
    click.echo(explanation(found))
    if not found.final:
        click.echo(f'To accept it: packet build CASE --accept {found.id} --because "..."')
