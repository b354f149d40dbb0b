"""Asking: one question to a model and its answer, piece by piece."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chat.assistant.prompt import schema_of
from chat.assistant.wire import FIRST, WHOLE
from core.budgets import Tokens
from core.errors import Unavailable
from core.tools import Tool

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelMessage, ModelResponse, ToolCallPart
    from pydantic_ai.models import Model

MOST_WRITTEN = 1_000  # tokens of one answer
LONGEST = 3_000  # letters of it
LONGEST_CALLS = 32_000  # letters of the calls in it

Hear = Callable[[str], Awaitable[None]]


@dataclass(slots=True)
class Answered:
    """What a model said and which tools it calls; complete only once it has ended."""

    text: str = ""
    called: int = 0  # letters of its calls
    calls: list[ToolCallPart] = field(default_factory=list)
    response: ModelResponse | None = None
    tokens: Tokens | None = None  # as it counts them; None: it did not say


async def ask(
    model: Model,
    messages: Sequence[ModelMessage],
    tools: Sequence[Tool],
    answered: Answered,
    hear: Hear,
) -> None:
    """Fill in `answered` while the answer comes; every piece of its text is heard first.

    What fails raises; what was answered until then stays in `answered`.
    """
    from pydantic_ai.direct import model_request_stream
    from pydantic_ai.messages import ToolCallPart

    async with model_request_stream(
        model,
        messages,
        model_settings={
            "temperature": 0.1,
            "max_tokens": MOST_WRITTEN,
            "max_retries": 0,
            "first_event_timeout": FIRST,
            "request_timeout": WHOLE,
        },
        model_request_parameters=_offered(tools),
        instrument=False,
    ) as stream:
        async for event in stream:
            await _take(event, answered, hear)
        answered.response = stream.get()
        answered.tokens = _counted(stream.usage)
    parts = answered.response.parts
    answered.calls = [part for part in parts if isinstance(part, ToolCallPart)]


async def _take(event: Any, answered: Answered, hear: Hear) -> None:
    """One event of the stream: a piece of text, or of a call."""
    from pydantic_ai.messages import PartDeltaEvent, PartStartEvent, TextPart, TextPartDelta

    piece = ""
    match event:
        case PartStartEvent(part=TextPart(content=content)):
            piece = content
        case PartDeltaEvent(delta=TextPartDelta(content_delta=content)):
            piece = content
        case PartStartEvent(part=part):
            answered.called += len(str(getattr(part, "args", "") or "")) + 50
        case PartDeltaEvent(delta=delta):
            answered.called += len(str(getattr(delta, "args_delta", "") or "")) + 1
    answered.text += piece
    if len(answered.text) > LONGEST or answered.called > LONGEST_CALLS:
        raise Unavailable("The model's answer does not end.", code="too_large")
    if piece:
        await hear(piece)


def _offered(tools: Sequence[Tool]) -> Any:
    from pydantic_ai.models import ModelRequestParameters
    from pydantic_ai.tools import ToolDefinition

    return ModelRequestParameters(
        function_tools=[
            ToolDefinition(
                name=tool.name,
                description=tool.description,
                parameters_json_schema=schema_of(tool),
                strict=False,  # as it is: optional arguments stay optional
            )
            for tool in tools
        ]
    )


def _counted(usage: Any) -> Tokens | None:
    read, written = usage.input_tokens, usage.output_tokens
    if not (isinstance(read, int) and isinstance(written, int)) or read + written <= 0:
        return None
    return Tokens(max(0, read), max(0, written))
