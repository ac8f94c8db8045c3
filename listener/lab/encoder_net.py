"""The encoder of `listener.classify.encoder` in PyTorch, to be fine-tuned; `learn` gives its weights as arrays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from listener.classify.encoder import ORDERS, OUTPUTS
from listener.classify.recipes import SEVERITY_LEVELS, UNKNOWN, Targets

_WIDTH: Final = 256
_BATCH: Final = 64
_RATES: Final = (4e-4, 1.5e-3)
"""Of what is pre-trained and of what is new."""
_WARM_UP: Final = 150
_FORGOTTEN: Final = 0.08
"""Share of pieces that are blanked out while learning."""
_SHARES: Final = (1.0, 0.6, 0.6, 0.5)
"""How much complaint, severity, cause and churn count."""

Floats = NDArray[np.float32]


def learn(
    base: Mapping[str, NDArray[Any]],
    table: NDArray[Any],
    rows: Sequence[NDArray[np.int64]],
    targets: Targets,
    chosen: NDArray[np.int64],
    epochs: int,
    seed: int,
) -> dict[str, Floats]:
    """Fine-tune on `chosen` of the posts; the parts of an Encoder by name, in float32.

    `base`: the package's arrays; `table` (pieces, 512): what stands in each row that `rows` name.
    """
    import torch

    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    net = _net(base, table)
    fresh = [p for name, p in net.named_parameters() if name.split(".")[0] in ("peak", "hidden", "out")]
    given = [p for name, p in net.named_parameters() if name.split(".")[0] not in ("peak", "hidden", "out")]
    optimiser = torch.optim.AdamW(
        [{"params": given, "lr": _RATES[0]}, {"params": fresh, "lr": _RATES[1]}], weight_decay=0.02
    )
    steps = epochs * len(list(_batches(rows, chosen, np.random.default_rng(seed))))
    slope = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min(1.0, step / _WARM_UP) * max(0.03, 1 - step / steps)
    )
    net.train()
    for _ in range(epochs):
        for batch in _batches(rows, chosen, rng):
            loss = _loss(net(_padded(rows, batch)), targets.take(batch))
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            slope.step()
    return _parts(net)


def _batches(
    rows: Sequence[NDArray[np.int64]], chosen: NDArray[np.int64], rng: np.random.Generator
) -> Iterator[NDArray[np.int64]]:
    """Random posts, those of like length together."""
    mixed, made = rng.permutation(chosen), []
    for at in range(0, len(mixed), 20 * _BATCH):
        part = mixed[at : at + 20 * _BATCH]
        part = part[np.argsort([len(rows[row]) for row in part], kind="stable")]
        made += [part[first : first + _BATCH] for first in range(0, len(part), _BATCH)]
    yield from (made[at] for at in rng.permutation(len(made)))


def _padded(rows: Sequence[NDArray[np.int64]], batch: NDArray[np.int64]) -> Any:
    """(posts, longest), one more than the row of the table, 0 where nothing is."""
    import torch

    longest = max(len(rows[row]) for row in batch)
    made = np.zeros((len(batch), longest), dtype=np.int64)
    for number, row in enumerate(batch):
        made[number, : len(rows[row])] = rows[row] + 1
    return torch.from_numpy(made)


def _loss(answers: Any, gold: Targets) -> Any:
    import torch
    from torch.nn import functional

    def weighed(losses: Any, known: NDArray[np.bool_]) -> Any:
        return (losses * torch.from_numpy(gold.weight[known].astype(np.float32))).sum() / len(gold)

    def chosen(values: NDArray[np.int64], known: NDArray[np.bool_]) -> Any:
        return torch.from_numpy(values[known])

    def yes_or_no(logits: Any, values: Any) -> Any:
        return functional.binary_cross_entropy_with_logits(logits, values, reduction="none")

    last = 1 + SEVERITY_LEVELS
    unhappy = gold.complaint == 1
    severe, caused, told = unhappy & (gold.severity > 0), unhappy & (gold.cause >= 0), gold.churn != UNKNOWN
    sure = torch.from_numpy(gold.complaint.astype(np.float32)) * 0.96 + 0.02
    total = _SHARES[0] * weighed(yes_or_no(answers[:, 0], sure), np.ones(len(gold), dtype=bool))
    for share, logits, values, known in (
        (_SHARES[1], answers[:, 1:last], gold.severity - 1, severe),
        (_SHARES[2], answers[:, last:-1], gold.cause, caused),
    ):
        losses = functional.cross_entropy(logits[known], chosen(values, known), reduction="none")
        total = total + share * weighed(losses, known)
    return total + _SHARES[3] * weighed(yes_or_no(answers[:, -1][told], chosen(gold.churn, told).float()), told)


def _net(base: Mapping[str, NDArray[Any]], table: NDArray[Any]) -> Any:
    import torch
    from torch import nn
    from torch.nn import functional

    def given(name: str) -> Any:
        return torch.tensor(np.asarray(base[name], dtype=np.float32))

    sizes = [size for size, _ in ORDERS]
    width = 512 + _WIDTH * len(sizes)

    class Net(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("table", torch.cat([torch.zeros(1, 512), torch.tensor(table, dtype=torch.float32)]))
            self.register_buffer("project", torch.cat([given(f"proj{size}") for size in sizes], 1))
            self.register_buffer("project_bias", torch.cat([given(f"proj_b{size}") for size in sizes]))
            shaped = {
                "lead_gain": torch.cat([given(f"ln_g{size}") for size in sizes]),
                "lead_bias": torch.cat([given(f"ln_b{size}") for size in sizes]),
                "join_gain": given("ln_g")[:width],
                "join_bias": given("ln_b")[:width],
                "sum": given("cnn_W")[:width],
                "sum_bias": given("cnn_b"),
            }
            shaped |= {f"deep_{at}": given(f"d{at}") for at in range(4)}
            shaped |= {f"pass_{at}": given(f"p{at}") for at in (1, 3)}
            for layer, number in (("first", 1), ("second", 2)):
                shaped |= {f"{layer}_{size}": given(f"w{number}_{size}") for size in sizes}
                shaped |= {f"{layer}_{size}_bias": given(f"b{number}_{size}") for size in sizes}
            for name, values in shaped.items():
                self.register_parameter(name, nn.Parameter(values.clone()))
            self.peak = nn.Linear(width, 192)
            self.hidden = nn.Linear(512 + 320 + 512 + 192, 320)
            self.out = nn.Linear(320, OUTPUTS)

        def forward(self, rows: Any) -> Any:
            there = rows > 0
            read = torch.where(torch.rand(rows.shape) < _FORGOTTEN, torch.zeros_like(rows), rows)
            known, mask = self.table[read], there[:, :, None].float()
            lead = functional.layer_norm(
                known @ self.project + self.project_bias, (_WIDTH * len(sizes),), self.lead_gain, self.lead_bias, 1e-12
            )
            parts = [known]
            for number, (size, before) in enumerate(ORDERS):
                own = lead[:, :, number * _WIDTH : (number + 1) * _WIDTH] * mask
                own = functional.dropout(own, 0.1, self.training)
                first = (functional.relu(self._convolved(own, "first", size, before)) + own) * mask
                parts.append(functional.relu(self._convolved(first, "second", size, before)) + first)
            tokens = functional.layer_norm(torch.cat(parts, -1), (width,), self.join_gain, self.join_bias, 1e-12)
            return self._judged(tokens * mask, there)

        def _convolved(self, rows: Any, layer: str, size: int, before: int) -> Any:
            padded = functional.pad(rows, (0, 0, before, size - 1 - before)).contiguous()
            shape = (rows.shape[0], rows.shape[1], size * _WIDTH)
            windows = padded.as_strided(shape, (padded.stride(0), padded.stride(1), 1)).reshape(-1, size * _WIDTH)
            made = torch.addmm(getattr(self, f"{layer}_{size}_bias"), windows, getattr(self, f"{layer}_{size}"))
            return made.view(rows.shape)

        def _judged(self, tokens: Any, there: Any) -> Any:
            count = there.sum(1).float()[:, None]
            mean = (tokens.sum(1) @ self.sum + count * self.sum_bias) * torch.rsqrt(count)
            low = functional.relu(mean @ self.deep_0)
            middle = functional.relu(mean @ self.pass_1 + low @ self.deep_1)
            high = torch.tanh(middle @ self.pass_3 + functional.relu(middle @ self.deep_2) @ self.deep_3)
            most = tokens.masked_fill(~there[:, :, None], -1e4).max(1).values
            peak = functional.relu(self.peak(most))
            seen = torch.cat([mean * 0.3, middle, functional.normalize(high, dim=-1) * 8, peak], 1)
            hidden = functional.relu(self.hidden(functional.dropout(seen, 0.3, self.training)))
            return self.out(functional.dropout(hidden, 0.3, self.training))

    return Net()


def _parts(net: Any) -> dict[str, Floats]:
    """By the names of `listener.classify.encoder`; matrices lie so that rows are multiplied from the left."""
    found: dict[str, Floats] = {}
    for name, values in net.state_dict().items():
        array = values.detach().numpy()
        layer, _, kind = name.rpartition(".")
        if name == "table":
            continue
        if layer:
            found[layer if kind == "weight" else f"{layer}.bias"] = array.T.copy() if kind == "weight" else array
        else:
            found[name.replace("_", ".")] = array
    return found
