"""The names of the library with their types; `__init__.py` imports each when it is first asked for."""

from pipeline.case.model import CaseText as CaseText
from pipeline.errors import ExitCode as ExitCode
from pipeline.errors import PacketError as PacketError
from pipeline.evidence.workbench import Workbench as Workbench
from pipeline.findings import Finding as Finding
from pipeline.findings import Level as Level
from pipeline.letters.office import load_office as load_office
from pipeline.packet.build import BuildOptions as BuildOptions
from pipeline.packet.build import Built as Built
from pipeline.packet.build import build_packet as build_packet
from pipeline.packet.examine import Validation as Validation
from pipeline.packet.examine import validate as validate

__all__: list[str]
