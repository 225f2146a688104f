"""A number on a scale: `sliderInteraction`."""

from fractions import Fraction
from typing import Final

from protocol.content import Interaction, Slider
from protocol.messages.base import PartValue
from server.importing.faults import ImportFault
from server.importing.qti.asked import Asked, Worth, best_of, mpt, says_the_same
from server.importing.qti.declarations import Declaration, correct_values
from server.importing.qti.values import Value
from server.importing.qti.windows import accepted_numbers, written

_MAX_STEPS: Final = 1_000


class AskedSlider(Asked):
    """One of the numbers from `lower` to `upper` in steps is set. All of them are tried."""

    def __init__(
        self, response_id: str, declared: Declaration, lower: Fraction, upper: Fraction, step: Fraction
    ) -> None:
        super().__init__(response_id, declared)
        if step <= 0 or upper <= lower or (upper - lower) / step > _MAX_STEPS:
            raise ImportFault(f"The scale has no steps, or more than {_MAX_STEPS}.")
        self._lower, self._upper, self._step = lower, upper, step
        self._numbers = [lower + step * place for place in range(int((upper - lower) // step) + 1)]

    def tried(self) -> list[PartValue]:
        return [written(number) for number in self._numbers]

    def right(self) -> list[PartValue]:
        return [written(one) for one in correct_values(self.declared) if isinstance(one, Fraction)]

    def value(self, part: PartValue) -> Value:
        return self.read([str(part)])

    def keyed(self, worth: Worth) -> Interaction:
        worths = [(part, worth(part)) for part in self.tried()]
        best = best_of(worths)
        rest = min(Fraction(0), *(found for _, found in worths))
        found = list(zip(self._numbers, [found for _, found in worths], strict=True))
        beyond = [(self._lower - self._step, rest), *found, (self._upper + self._step, rest)]
        made = Slider(
            response_id=self.response_id,
            points_mpt=mpt(best),
            lower=written(self._lower),
            upper=written(self._upper),
            step=written(self._step),
            accepted=accepted_numbers(beyond, best, rest),
            wrong_mpt=mpt(-rest),
        )
        if not says_the_same(made, worths):
            raise ImportFault("Its response processing gives points for numbers in a way that no key here does.")
        return made
