"""Makes the checkpoints in this folder, as people who train with PyTorch have them. Run by hand:

    python -m venv venv && venv/bin/pip install torch==2.9.1 numpy==2.3.5 safetensors==0.7.0 packaging
    venv/bin/python make_checkpoints.py

What is in the folder was made with Python 3.11.7 and the versions above, on a CPU; bn-torch1.pth afterwards with
torch 1.13.1, numpy 1.26.4 and `make_checkpoints.py torch1`.
"""

import argparse
import os
import sys
from collections import OrderedDict

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import nn

HERE = os.path.dirname(os.path.abspath(__file__))
DIM, LAYERS, E_DIM, SIZES = 6, [5, 4], 3, [4, 3]


class Mlp(nn.Module):
    """Dropout, linear and, but for the last layer, batch normalisation (if any) and ReLU."""

    def __init__(self, widths, bn):
        super().__init__()
        modules = []
        for i, (fan_in, fan_out) in enumerate(zip(widths, widths[1:])):
            modules += [nn.Dropout(0.1), nn.Linear(fan_in, fan_out)]
            if i + 2 < len(widths):
                modules += ([nn.BatchNorm1d(fan_out)] if bn else []) + [nn.ReLU()]
        self.mlp_layers = nn.Sequential(*modules)

    def forward(self, x):
        return self.mlp_layers(x)


class Level(nn.Module):
    def __init__(self, size, e_dim):
        super().__init__()
        self.embedding = nn.Embedding(size, e_dim)


class Quantiser(nn.Module):
    def __init__(self, sizes, e_dim):
        super().__init__()
        self.vq_layers = nn.ModuleList(Level(size, e_dim) for size in sizes)


class RqVae(nn.Module):
    """The network under the names that the Python reference gives its parameters."""

    def __init__(self, dim=DIM, layers=LAYERS, e_dim=E_DIM, sizes=SIZES, bn=False):
        super().__init__()
        widths = [dim] + layers + [e_dim]
        self.encoder = Mlp(widths, bn)
        self.rq = Quantiser(sizes, e_dim)
        self.decoder = Mlp(widths[::-1], bn)

    def quantise(self, z):
        codes, residual = [], z
        for level in self.rq.vq_layers:
            entries = level.embedding.weight
            code = torch.cdist(residual.double(), entries.double()).argmin(1)
            codes.append(code)
            residual = residual - entries[code]
        return torch.stack(codes, 1), z - residual


def trained(bn, seed):
    """A network after some steps, so that running figures and the optimiser's state are not trivial."""
    torch.manual_seed(seed)
    model = RqVae(bn=bn)
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-2)
    model.train()
    for _ in range(20):
        x = torch.randn(32, DIM)
        z = model.encoder(x)
        _, quantised = model.quantise(z)
        loss = nn.functional.mse_loss(model.decoder(z + (quantised - z).detach()), x)
        loss = loss + nn.functional.mse_loss(quantised, z)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return model.eval(), optimiser


def args(**more):
    return argparse.Namespace(
        lr=1e-3, epochs=20, batch_size=32, num_workers=4, eval_step=5, learner="AdamW", data_path="items.npy",
        weight_decay=1e-4, dropout_prob=0.1, loss_type="mse", kmeans_init=True, kmeans_iters=100,
        sk_epsilons=[0.0, 0.003], sk_iters=50, device="cuda:0", num_emb_list=SIZES, e_dim=E_DIM,
        quant_loss_weight=1.0, layers=LAYERS, ckpt_dir="ckpt", **more)


def checkpoint(model, optimiser, arguments):
    return {
        "args": arguments,
        "epoch": 19,
        "best_loss": np.float64(0.625),
        "best_collision_rate": np.float32(0.125),
        "state_dict": model.state_dict(),
        "optimizer": optimiser.state_dict(),
    }


def path(name):
    return os.path.join(HERE, name)


def expectations(model, name):
    """Inputs, and what the network makes of them."""
    torch.manual_seed(7)
    x = torch.randn(50, DIM)
    with torch.no_grad():
        z = model.encoder(x)
        codes, quantised = model.quantise(z)
        decoded = model.decoder(quantised)
    tensors = {"x": x, "latents": z, "codes": codes, "quantised": quantised, "decoded": decoded}
    save_file({key: value.contiguous() for key, value in tensors.items()}, path(name))


class Command:
    """What a hostile file does to those who unpickle it."""

    def __reduce__(self):
        return os.system, ("touch residua-was-here",)


def main():
    with_bn, bn_optimiser = trained(True, 1)
    plain, optimiser = trained(False, 2)
    expectations(with_bn, "bn.expected.safetensors")

    # As the reference writes them; `--bn False` is true to it.
    torch.save(checkpoint(with_bn, bn_optimiser, args(beta=0.25, bn=True)), path("bn.pth"), pickle_protocol=4)
    # Before there was --beta.
    torch.save(checkpoint(plain, optimiser, args(bn=False)), path("no-beta.pth"), pickle_protocol=2)
    save_file(with_bn.state_dict(), path("bn.safetensors"))
    save_file(plain.state_dict(), path("plain.safetensors"))
    torch.save(plain.state_dict(), path("state-dict.pth"), pickle_protocol=3)

    # Storages that were on a GPU: it is the tag that says so.
    torch.serialization.register_package(0, lambda storage: "cuda:0", lambda storage, location: None)
    torch.save(checkpoint(plain, optimiser, args(beta=0.25, bn=False)), path("cuda.pth"), pickle_protocol=4)
    torch.serialization._package_registry.pop(0)

    # Views into one storage, at offsets, transposed.
    state = OrderedDict(plain.state_dict())
    flat = torch.cat([torch.zeros(3)] + [value.t().flatten() for value in state.values()])
    at = 3
    for name, value in state.items():
        part = flat[at:at + value.numel()]
        state[name] = part.view(value.t().shape).t()
        at += value.numel()
    torch.save(state, path("views.pth"))

    # Every floating-point type, and parameters instead of tensors.
    typed = OrderedDict(plain.state_dict())
    types = [torch.float64, torch.float16, torch.bfloat16]
    for i, name in enumerate(typed):
        typed[name] = nn.Parameter(typed[name].to(types[i % 3]))
    torch.save(typed, path("types.pth"))
    rounded = {name: value.detach().float() for name, value in typed.items()}
    save_file(rounded, path("types.expected.safetensors"))
    save_file({name: value.detach().clone() for name, value in typed.items()}, path("types.safetensors"))

    # What is none of ours.
    hostile = checkpoint(plain, optimiser, args(beta=0.25, bn=False))
    hostile["best_loss"] = Command()
    torch.save(hostile, path("hostile.pth"), pickle_protocol=4)
    torch.save(plain, path("whole-module.pth"))
    torch.save(nn.Linear(3, 2).state_dict(), path("other-model.pth"))
    torch.save(plain.state_dict(), path("before-1.6.pth"), _use_new_zipfile_serialization=False)
    torch.jit.script(nn.Linear(3, 2)).save(path("script.pth"))


def main_torch1():
    model = RqVae(bn=True)
    model.load_state_dict(load_file(path("bn.safetensors")))
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-2)
    model.decoder(model.encoder(torch.randn(32, DIM))).sum().backward()
    optimiser.step()
    model.load_state_dict(load_file(path("bn.safetensors")))
    torch.save(checkpoint(model, optimiser, args(beta=0.25, bn=True)), path("bn-torch1.pth"), pickle_protocol=4)


if __name__ == "__main__":
    main_torch1() if sys.argv[1:] == ["torch1"] else main()
