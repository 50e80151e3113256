"""What a user would run instead of the trainer: the same network, losses and optimiser in plain PyTorch.

Reads what to do from its input, a word a line, and prints the seconds it took: `epoch` of training, `evaluation` of all
rows, `kmeans` of all codebooks from up to 20,000 rows. Needs torch, numpy and scikit-learn.
`./residua bench training --yardstick PYTHON` runs it on the rows it trains on.
"""
import argparse
import sys
import time

import numpy as np
import torch
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits
from torch.nn import functional

options = argparse.ArgumentParser()
options.add_argument("--data_path", required=True)
options.add_argument("--batch_size", type=int, default=2048)
options.add_argument("--threads", type=int, default=2)
options.add_argument("--layers", type=int, nargs="+", default=[2048, 1024, 512, 256, 128, 64])
options.add_argument("--e_dim", type=int, default=32)
options.add_argument("--num_emb_list", type=int, nargs="+", default=[256] * 4)
args = options.parse_args()
torch.set_num_threads(args.threads)
torch.manual_seed(2024)

rows = torch.from_numpy(np.load(args.data_path))
widths = [rows.shape[1], *args.layers, args.e_dim]


def stack(sizes):
    modules = []
    for inputs, outputs in zip(sizes[:-1], sizes[1:]):
        linear = torch.nn.Linear(inputs, outputs)
        torch.nn.init.xavier_normal_(linear.weight)
        torch.nn.init.zeros_(linear.bias)
        modules += [linear, torch.nn.ReLU()]
    return torch.nn.Sequential(*modules[:-1])


encoder, decoder = stack(widths), stack(widths[::-1])
codebooks = torch.nn.ParameterList(torch.randn(k, args.e_dim) * 0.05 for k in args.num_emb_list)
parameters = [*encoder.parameters(), *decoder.parameters(), *codebooks.parameters()]
optimiser = torch.optim.AdamW(parameters, lr=1e-3, weight_decay=1e-4)


def quantise(latent):
    residual, total, losses, codes = latent, 0, [], []
    for codebook in codebooks:
        distances = residual.square().sum(1, keepdim=True) + codebook.square().sum(1) - 2 * residual @ codebook.T
        code = distances.argmin(1)
        entry = codebook[code]
        losses.append(functional.mse_loss(entry, residual.detach()) + 0.25 * functional.mse_loss(entry.detach(), residual))
        entry = residual + (entry - residual).detach()
        residual, total = residual - entry, total + entry
        codes.append(code)
    return total, torch.stack(losses).mean(), torch.stack(codes, 1)


def epoch():
    for batch in torch.randperm(len(rows)).split(args.batch_size):
        x = rows[batch]
        optimiser.zero_grad()
        latent, quantisation, _ = quantise(encoder(x))
        loss = functional.mse_loss(decoder(latent), x) + quantisation
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        loss.item()


@torch.no_grad()
def evaluate():
    seen = set()
    for x in rows.split(args.batch_size):
        latent, _, codes = quantise(encoder(x))
        decoder(latent)
        seen.update(map(tuple, codes.tolist()))
    return 1 - len(seen) / len(rows)


@torch.no_grad()
def kmeans():
    residual = encoder(rows[torch.randperm(len(rows))[:20000]])
    for codebook in codebooks:
        with threadpool_limits(args.threads):
            clusters = KMeans(len(codebook), n_init=1, max_iter=100).fit(residual.numpy())
        codebook.copy_(torch.from_numpy(clusters.cluster_centers_))
        residual = residual - codebook[torch.from_numpy(clusters.labels_).long()]


def seconds(action):
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


actions = {"epoch": epoch, "evaluation": evaluate, "kmeans": kmeans}
for line in sys.stdin:
    action = actions[line.strip()]
    if action == epoch:
        # The trainer's epochs that count follow another one too.
        epoch()
    print(seconds(action), flush=True)
