"""The spread forecast on simulated cascades, and on the real ones where they are."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listener.errors import ModelFormatError
from listener.lab.spread import FILE, cascades, is_held_out
from listener.lab.spread_fit import Recipe, cut, fit, remember
from listener.lab.spread_rivals import RIVALS, error
from listener.triage.spread import Cascade, forecast, forecast_all
from listener.triage.spread.cascade import ROOT, arrange
from listener.triage.spread.features import features
from listener.triage.spread.fitted import Fitted, read, shipped, write
from listener.triage.spread.forest import level, most_hits, quantile
from listener.triage.spread.memory import HOUR, Memory, excite
from listener.triage.spread.seismic import seismic

REAL = Path(__file__).resolve().parents[3] / "shared" / "datasets" / FILE
NOON = datetime(2013, 5, 4, 4, tzinfo=UTC)


def simulated(seed: int, *, audience: float = 60, branching: float = 0.5, pace: float = 900) -> Cascade:
    """A self-exciting cascade to its end: the post has Poisson(audience) children, every share Poisson(branching)."""
    random = np.random.default_rng(seed)
    seconds: list[float] = []
    parents: list[int] = []
    wave = [(0.0, ROOT)]
    while wave:
        born, index = wave.pop(0)
        for delay in random.pareto(1.2, random.poisson(audience if index == ROOT else branching)) * pace:
            seconds.append(born + float(delay))
            parents.append(index)
            wave.append((seconds[-1], len(seconds) - 1))
    return Cascade(f"s{seed}", 1e12, *arrange(seconds, parents), followers=10.0 * audience, posted_at=NOON)


def mixed(seed: int) -> Cascade:
    """One of a population that differs in audience, branching and pace."""
    random = np.random.default_rng(seed)
    return simulated(
        seed,
        audience=float(np.exp(random.uniform(np.log(30), np.log(300)))),
        branching=float(random.uniform(0.1, 0.6)),
        pace=float(np.exp(random.uniform(np.log(200), np.log(5000)))),
    )


@pytest.fixture(scope="module")
def memory() -> Memory:
    return remember([simulated(seed) for seed in range(60)])


@pytest.fixture(scope="module")
def small() -> Fitted:
    return fit([mixed(seed) for seed in range(400)], {"data": "simulated"}, Recipe(trees=12, folds=3))


ages = st.floats(0, 1e8)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), ages, st.integers(1, 600))
def test_a_forecast_is_ordered_at_any_age(seed: int, at: float, audience: int) -> None:
    cascade = cut(simulated(seed, audience=audience), at)
    found = forecast(cascade)
    assert found.seen == cascade.seen
    assert found.seen <= found.low <= found.predicted <= found.high
    previous = found.seen
    for size in found.within:
        assert found.seen <= size.low <= size.predicted <= size.high
        assert previous <= size.predicted <= found.predicted
        previous = size.predicted


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), ages, st.booleans())
def test_features_are_finite_and_always_the_same_names(seed: int, at: float, told: bool) -> None:
    whole = simulated(seed)
    cascade = cut(whole if told else Cascade("x", at, whole.seconds, whole.parents), at)
    values = features(cascade, shipped().memory)
    assert tuple(values) == shipped().features
    assert np.isfinite(list(values.values())).all()


def test_many_are_forecast_as_each_alone() -> None:
    some = [cut(simulated(seed, audience=audience), 1800) for seed, audience in enumerate((0, 3, 40, 300, 3000))]
    assert forecast_all(some) == [forecast(cascade) for cascade in some]
    assert forecast_all([]) == []


def test_the_basis_says_what_the_forecast_rests_on() -> None:
    few, many, huge = (cut(simulated(1, audience=audience), 1800) for audience in (5, 100, 4000))
    assert [found.basis for found in forecast_all([few, many, huge])] == ["prior", "shares", "growth"]
    assert forecast(huge).predicted > huge.seen


def test_a_post_that_nobody_shares_any_more_will_hardly_grow() -> None:
    whole = simulated(3, audience=200, pace=100)
    fresh, old = cut(whole, 600), cut(whole, 30 * 24 * HOUR)
    assert forecast(old).predicted / old.seen < 1.1 < forecast(fresh).predicted / fresh.seen


def test_a_chain_of_a_hundred_thousand_shares_is_no_trap() -> None:
    count = 100_000
    chain = Cascade("deep", 1e6, np.arange(count, dtype=np.float64), np.arange(-1, count - 1))
    assert features(chain, shipped().memory)["depth_max"] == 50


def test_the_process_finds_the_branching_that_was_simulated(memory: Memory) -> None:
    for branching in (0.2, 0.5, 0.8):
        found = [
            excite(cut(simulated(seed, audience=200, branching=branching), 2 * HOUR), memory).branching
            for seed in range(20)
        ]
        assert np.median(found) == pytest.approx(branching, rel=0.25)


def test_the_process_alone_foretells_simulated_cascades(memory: Memory) -> None:
    whole = [simulated(seed, audience=200) for seed in range(1000, 1040)]
    states = [cut(cascade, HOUR) for cascade in whole]
    foretold = np.array([state.seen + excite(state, memory).left for state in states])
    assert error(foretold, np.array([cascade.seen for cascade in whole])) < 0.15


def test_seismic_counts_on_when_infectious_and_has_no_end_above_one_child_each() -> None:
    quiet, lively = (seismic(cut(simulated(5, audience=audience), HOUR)) for audience in (50, 500))
    assert quiet.infectiousness < lively.infectiousness
    assert quiet.final() > quiet.seen
    assert lively.final(crowding=1 / lively.infectiousness) == float("inf")


def test_the_clock_runs_slowly_at_night_and_evenly_where_unknown(memory: Memory) -> None:
    awake = Memory(np.repeat([0.5, 1.5], 12), memory.grid, memory.root, memory.reply)
    night, day = datetime(2013, 5, 3, 16, tzinfo=UTC), datetime(2013, 5, 4, 4, tzinfo=UTC)  # midnight and noon in UTC+8
    span = np.array([2 * HOUR, 24 * HOUR])
    assert awake.active(night, span).tolist() == pytest.approx([HOUR, 24 * HOUR])
    assert awake.active(day, span).tolist() == pytest.approx([3 * HOUR, 24 * HOUR])
    assert awake.active(None, span).tolist() == span.tolist()


EDGES = np.array([0.0, 1.0, 2.0, 4.0])


@given(st.lists(st.floats(0.01, 1), min_size=3, max_size=3), st.floats(0.01, 0.99))
def test_quantile_and_level_undo_each_other(mass: list[float], part: float) -> None:
    assert level(EDGES, np.array(mass), quantile(EDGES, np.array(mass), part)) == pytest.approx(part, abs=1e-6)


def test_the_answer_is_where_most_hits_are_not_the_middle_of_two_heaps() -> None:
    edges = np.linspace(0, 3, 31)
    mass = np.zeros(30)
    mass[5], mass[25] = 0.45, 0.55
    assert most_hits(edges, mass, 0.1) == pytest.approx(2.55, abs=0.1)
    assert most_hits(edges, mass[::-1], 0.1) == pytest.approx(0.45, abs=0.1)


def test_fitted_parameters_come_back_from_disk_and_answer_the_same(small: Fitted, tmp_path: Path) -> None:
    write(small, tmp_path)
    states = [cut(mixed(seed), 1800) for seed in range(900, 930)]
    assert forecast_all(states, read(tmp_path)) == forecast_all(states, small)


@pytest.mark.parametrize(
    "harm", [lambda d: (d / "forest.npz").unlink(), lambda d: (d / "fitted.json").write_text("{}")]
)
def test_damaged_parameters_are_one_clear_error(small: Fitted, tmp_path: Path, harm: Callable[[Path], object]) -> None:
    write(small, tmp_path)
    harm(tmp_path)
    with pytest.raises(ModelFormatError):
        read(tmp_path)


def test_fitting_beats_the_factor_on_unseen_simulated_cascades_and_its_intervals_hold(small: Fitted) -> None:
    known, asked = [mixed(seed) for seed in range(400)], [mixed(seed) for seed in range(5000, 5300)]

    def at_half_hour(whole: list[Cascade]) -> tuple[list[Cascade], np.ndarray]:
        states = [(cut(cascade, 1800), cascade.seen) for cascade in whole]
        kept = [(state, final) for state, final in states if state.seen >= 10]
        return [state for state, _ in kept], np.array([final for _, final in kept], dtype=np.float64)

    states, final = at_half_hour(asked)
    found = forecast_all(states, small)
    model = error(np.array([f.predicted for f in found], dtype=np.float64), final)
    assert model < 0.8 * error(RIVALS["constant"](*at_half_hour(known), states), final)
    inside = np.mean([f.low <= size <= f.high for f, size in zip(found, final, strict=True)])
    assert 0.82 < inside < 0.97


def test_every_rival_answers_for_every_cascade() -> None:
    known = [cut(mixed(seed), 3600) for seed in range(60)]
    sizes = np.array([mixed(seed).seen for seed in range(60)], dtype=np.float64)
    kept = [number for number, state in enumerate(known) if state.seen >= 10]
    for rival in RIVALS.values():
        answers = rival([known[number] for number in kept], sizes[kept], [known[number] for number in kept])
        assert answers.shape == (len(kept),)
        assert (answers >= [known[number].seen for number in kept]).all()


def test_the_hold_out_is_a_fifth_and_stays_the_same() -> None:
    held = [is_held_out(Cascade(f"c{number}", 0, np.zeros(0), np.zeros(0, dtype=np.int64))) for number in range(5000)]
    assert np.mean(held) == pytest.approx(0.2, abs=0.02)
    assert [number for number, one in enumerate(held) if one][:5] == [0, 5, 7, 11, 12]


@pytest.mark.skipif(not REAL.exists(), reason="needs ../shared/datasets/streams")
@pytest.mark.parametrize(("at", "most"), [(600, 0.325), (1800, 0.315), (3600, 0.30), (86400, 0.08)])
def test_real_cascades_are_forecast_within_the_aim(at: int, most: float) -> None:
    """The shipped parameters have seen these; what is measured on unseen ones is in fitted.json and the bench."""
    states = [(cut(cascade, at), cascade.seen) for cascade in cascades(REAL)]
    kept = [(state, final) for state, final in states if state.seen >= 10]
    found = forecast_all([state for state, _ in kept])
    final = np.array([size for _, size in kept], dtype=np.float64)
    assert error(np.array([f.predicted for f in found], dtype=np.float64), final) < most
    inside = np.mean([f.low <= size <= f.high for f, size in zip(found, final, strict=True)])
    assert inside > 0.85
