"""Making the inventory of a form PDF: the facts that a field map for a new form or edition starts from."""

from __future__ import annotations

import hashlib

from pipeline.forms.editions import editions
from pipeline.forms.inventory import Inventory, edition_date, labels_from
from pipeline.forms.reader import FormFile

_PUBLISHED = "https://www.uscis.gov/sites/default/files/document/forms/{}.pdf"
"""Where USCIS publishes its blanks, by the form's name in lower case."""


def inventory_of(read: FormFile, data: bytes) -> tuple[Inventory, str]:
    """The inventory of a form PDF that names its form and edition, and the edition's date in ISO form.

    Parts, items and labels come from the edition that we have of the form, by field name; the rest keep the form's own
    tooltip as their label, which a person should replace (tooltips err, and are not ours).
    """
    form, edition = read.form or "", read.edition or ""
    known = [e.inventory for e in editions() if e.form == form]
    fields = labels_from(known[-1], read.fields) if known else read.fields
    title = known[-1].title if known else f"Form {form}"
    digest = hashlib.sha256(data).hexdigest()
    source = known[-1].source_url if known else _PUBLISHED.format(form.lower())
    return Inventory(form, edition, title, read.pages, fields, None, source, (digest,)), edition_date(edition)
