"""Commands whose plain values are taken as they are. Typer validates every parameter by pydantic, given or not, and importing that takes longer than most commands' own work."""

from __future__ import annotations

from enum import EnumType
from typing import Any

from typer import BadParameter
from typer.core import TyperCommand, TyperGroup


class LightCommand(TyperCommand):
    def get_params(self, ctx: Any) -> list[Any]:
        return [_lightened(param) for param in super().get_params(ctx)]

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """What must be given stands plain, as in kubectl's help; Typer has braces around it, which a shell takes for its own."""
        return [piece.replace("{", "").replace("}", "") for piece in super().collect_usage_pieces(ctx)]


class LightGroup(TyperGroup):
    def get_params(self, ctx: Any) -> list[Any]:
        return [_lightened(param) for param in super().get_params(ctx)]


def _lightened(param: Any) -> Any:
    """Spares a parameter the validation of what would come out of it unchanged. All else, and whatever is wrong, is Typer's."""
    if "process_value" in vars(param):
        return param
    validated = param.process_value
    annotation = getattr(getattr(param, "type_descriptor", None), "annotation", None)

    def process_value(ctx: Any, value: Any) -> Any:
        if param.required:
            return validated(ctx, value)
        if value is None:
            value = () if param.multiple or param.nargs == -1 else None
        elif annotation is str and isinstance(value, str):
            pass
        elif isinstance(annotation, EnumType) and value in annotation.__members__.values():
            value = annotation(value)
        elif isinstance(annotation, EnumType) and isinstance(value, str):
            raise BadParameter(f"{value!r} is none of {', '.join(annotation)}", ctx=ctx, param=param)
        else:
            return validated(ctx, value)
        return value if param.callback is None else param.callback(ctx, param, value)

    param.process_value = process_value
    return param
