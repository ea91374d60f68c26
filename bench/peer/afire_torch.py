"""AFiRe in PyTorch: the peer that this library is measured against, and an oracle for its numbers.

The released procedure (docs/method.md), in two forms of the same arithmetic:
  loop   one weight-normalised layer and one loss term per token, as the released code computes them
  batch  one batched product for all positions and one masked cross-entropy: what a good PyTorch user would write

The epoch-0 freeze, the schedules and the parameter groups' changing decay are left out of the timed step; `contrast` and the restoration
loss are taken in float. For double fixtures copy the file and drop those casts.

Run it to time a training step:  python afire_torch.py --arch small --batch 8 --form batch --compile --dtype bf16
Needs: torch >= 2.2.
"""
import argparse
import json
import math
import resource
import time
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import nn


@dataclass
class Shape:
    """Sizes of one AFiRe model. Defaults are ViT-B at 224 pixels with the released decoder and head."""
    image: int = 224
    patch: int = 16
    channels: int = 3
    width: int = 768
    depth: int = 12
    heads: int = 12
    head_hidden: int = 1024
    head_out: int = 256          # width of the normalised token that the last layers see
    prototypes: int = 256        # K
    decoder_width: int = 512
    decoder_depth: int = 8
    decoder_heads: int = 16

    @property
    def tokens(self):            # L
        return (self.image // self.patch) ** 2


ARCH = {"tiny": dict(width=192, heads=3), "small": dict(width=384, heads=6), "base": dict(width=768, heads=12)}


def sincos_table(width, grid):
    """Fixed 2-D table (1, 1 + grid*grid, width); the first half of the channels encodes the column; class row zero."""
    freq = 10000.0 ** (-torch.arange(width // 4, dtype=torch.float64) / (width / 4))
    at = torch.arange(grid, dtype=torch.float64)[:, None] * freq
    code = torch.cat([at.sin(), at.cos()], 1)                                  # (grid, width/2)
    col = code[None].expand(grid, -1, -1)
    row = code[:, None].expand(-1, grid, -1)
    table = torch.cat([col, row], -1).reshape(grid * grid, width)
    return torch.cat([torch.zeros(1, width, dtype=torch.float64), table])[None].float()


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, x):
        b, n, c = x.shape
        q, k, v = self.qkv(x).view(b, n, 3, self.heads, c // self.heads).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(q, k, v)
        return self.proj(y.transpose(1, 2).reshape(b, n, c))


class Mlp(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.fc1 = nn.Linear(width, 4 * width)
        self.fc2 = nn.Linear(4 * width, width)

    def forward(self, x):
        return self.fc2(F.gelu(self.fc1(x)))


class Block(nn.Module):
    def __init__(self, width, heads, eps):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width, eps), nn.LayerNorm(width, eps)
        self.attn, self.mlp = Attention(width, heads), Mlp(width)

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class PatchEmbed(nn.Module):
    def __init__(self, s):
        super().__init__()
        self.proj = nn.Conv2d(s.channels, s.width, s.patch, s.patch)

    def forward(self, x):
        return self.proj(x).flatten(2).transpose(1, 2)


def xavier(module):
    for m in module.modules():
        if isinstance(m, nn.Linear):
            nn.init.xavier_uniform_(m.weight)
            nn.init.zeros_(m.bias)


class Encoder(nn.Module):
    def __init__(self, s):
        super().__init__()
        self.cls_token = nn.Parameter(torch.randn(1, 1, s.width) * 0.02)
        self.pos_embed = nn.Parameter(sincos_table(s.width, s.image // s.patch), requires_grad=False)
        self.patch_embed = PatchEmbed(s)
        self.blocks = nn.ModuleList(Block(s.width, s.heads, 1e-6) for _ in range(s.depth))
        self.norm = nn.LayerNorm(s.width, 1e-6)
        xavier(self)
        nn.init.xavier_uniform_(self.patch_embed.proj.weight.data.view(s.width, -1))

    def forward(self, x):                                                      # (B, C, S, S) -> (B, 1+L, width)
        x = self.patch_embed(x) + self.pos_embed[:, 1:]
        cls = (self.cls_token + self.pos_embed[:, :1]).expand(x.shape[0], -1, -1)
        x = torch.cat([cls, x], 1)
        for block in self.blocks:
            x = block(x)
        return self.norm(x)


class Head(nn.Module):
    """Tokens -> cosine scores against K directions that each position has of its own."""
    def __init__(self, s, form):
        super().__init__()
        self.form = form
        self.mlp = nn.Sequential(nn.Linear(s.width, s.head_hidden), nn.GELU(), nn.Linear(s.head_hidden, s.head_hidden),
                                 nn.GELU(), nn.Linear(s.head_hidden, s.head_out))
        for m in self.mlp[::2]:
            nn.init.trunc_normal_(m.weight, std=0.02)
            nn.init.zeros_(m.bias)
        bound = s.head_out ** -0.5
        v = torch.empty(s.tokens, s.prototypes, s.head_out).uniform_(-bound, bound)
        self.v = nn.Parameter(v) if form == "batch" else nn.ParameterList(nn.Parameter(one.clone()) for one in v)

    def forward(self, x):                                                      # (B, L, width) -> (B, L, K)
        z = F.normalize(self.mlp(x), dim=-1)
        if self.form == "batch":
            w = F.normalize(self.v, dim=-1, eps=0).to(z.dtype)                 # g = 1 and frozen
            return torch.matmul(z.transpose(0, 1), w.transpose(1, 2)).transpose(0, 1)
        return torch.stack([F.linear(z[:, j], torch._weight_norm(v, torch.ones_like(v[:, :1])))
                            for j, v in enumerate(self.v)], 1)


def patchify(x, p):                                                            # (B, C, S, S) -> (B, L, p*p*C)
    b, c, s, _ = x.shape
    return x.view(b, c, s // p, p, s // p, p).permute(0, 2, 4, 3, 5, 1).reshape(b, (s // p) ** 2, p * p * c)


class Decoder(nn.Module):
    def __init__(self, s):
        super().__init__()
        self.s = s
        self.embedding = nn.Linear(s.width, s.decoder_width)
        self.mask_token = nn.Parameter(torch.randn(1, s.tokens, s.decoder_width) * 0.02)
        self.pos_embed = nn.Parameter(sincos_table(s.decoder_width, s.image // s.patch), requires_grad=False)
        self.blocks = nn.ModuleList(Block(s.decoder_width, s.decoder_heads, 1e-5) for _ in range(s.decoder_depth))
        self.norm = nn.LayerNorm(s.decoder_width, 1e-5)
        self.image_pred = nn.Linear(s.decoder_width, s.patch ** 2 * s.channels)
        xavier(self)

    def forward(self, x, lesion):                                              # (B, 1+L, width), (B, L) bool -> (B, L, p*p*C)
        x = self.embedding(x)
        patches = torch.where(lesion[..., None], self.mask_token.to(x.dtype), x[:, 1:])
        x = torch.cat([x[:, :1], patches], 1) + self.pos_embed
        for block in self.blocks:
            x = block(x)
        return self.image_pred(self.norm(x))[:, 1:]


def sinkhorn(scores, eps=0.05, iterations=3):                                  # (L, K) -> (L, K), rows sum to 1
    q = torch.exp((scores - scores.max()) / eps).t()
    q = q / q.sum()
    for _ in range(iterations):
        q = q / q.sum(1, keepdim=True)
        q = q / q.sum(0, keepdim=True)
    return q.t()


class Student(nn.Module):
    def __init__(self, s, form):
        super().__init__()
        self.encoder, self.decoder, self.head = Encoder(s), Decoder(s), Head(s, form)

    def forward(self, seen, lesion):
        z = self.encoder(seen)
        return self.head(z[:, 1:]), self.decoder(z, lesion)


class Teacher(nn.Module):
    def __init__(self, s, form):
        super().__init__()
        self.encoder, self.head = Encoder(s), Head(s, form)

    def forward(self, clean):
        return self.head(self.encoder(clean)[:, 1:])


def contrast(scores, target, lesion, form, temperature=0.1):
    log_p = F.log_softmax(scores.float() / temperature, -1)
    if form == "batch":
        normal = ~lesion
        return -(torch.einsum("blk,lk->bl", log_p, target) * normal).sum() / normal.sum()
    total, count = 0.0, 0
    for i, j in torch.nonzero(~lesion):
        total = total - (target[j] * log_p[i, j]).sum()
        count += 1
    return total / count


@dataclass
class Step:
    """One training step of the faithful method on one device; owns everything that the step changes."""
    shape: Shape
    form: str = "batch"
    dtype: str = "f32"
    compile: bool = False
    epoch: int = 1
    clip: float = 3.0
    prototypes: torch.Tensor = field(default=None)

    def __post_init__(self):
        self.student, self.teacher = Student(self.shape, self.form), Teacher(self.shape, self.form)
        self.teacher.encoder.load_state_dict(self.student.encoder.state_dict())
        self.teacher.head.load_state_dict(self.student.head.state_dict())
        self.teacher.requires_grad_(False)
        self.prototypes = torch.zeros(self.shape.tokens, self.shape.prototypes)
        named = [(n, p) for n, p in self.student.named_parameters() if p.requires_grad]
        plain = [p for n, p in named if n.endswith("bias") or p.ndim == 1]
        decayed = [p for n, p in named if not (n.endswith("bias") or p.ndim == 1)]
        self.optimizer = torch.optim.AdamW([dict(params=decayed, weight_decay=0.04), dict(params=plain, weight_decay=0.0)],
                                           lr=1e-4, fused=self.form == "batch")
        self.run_student = torch.compile(self.student) if self.compile else self.student
        self.run_teacher = torch.compile(self.teacher) if self.compile else self.teacher
        self.pairs = [(t, s) for part in ("encoder", "head") for t, s in
                      zip(getattr(self.teacher, part).parameters(), getattr(self.student, part).parameters())]

    def __call__(self, seen, clean, lesion_map, momentum=0.996):
        s = self.shape
        with torch.autocast(seen.device.type, torch.bfloat16, enabled=self.dtype == "bf16"):
            with torch.no_grad():
                t = self.run_teacher(clean)
                lesion = patchify(lesion_map, s.patch).mean(-1) > 0
                mean = t.float().mean(0)
                self.prototypes = mean if self.epoch == 0 else 0.75 * self.prototypes + 0.25 * mean
                target = sinkhorn(self.prototypes)
            scores, restored = self.run_student(seen, lesion)
            cst = contrast(scores, target, lesion, self.form)
            rec = F.mse_loss(restored.float(), patchify(clean, s.patch))
            loss = cst + rec
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        if self.form == "batch":                                               # each position's layer is clipped by itself
            v = self.student.head.v.grad
            v.mul_((self.clip / (v.norm(dim=(1, 2), keepdim=True) + 1e-6)).clamp(max=1.0))
            grads = [p.grad for p in self.student.parameters() if p.grad is not None and p.grad is not v]
            norms = torch.stack(torch._foreach_norm(grads))
            torch._foreach_mul_(grads, list((self.clip / (norms + 1e-6)).clamp(max=1.0).unbind()))
        else:
            for g in [p.grad for p in self.student.parameters() if p.grad is not None]:
                coef = self.clip / (g.norm() + 1e-6)
                if coef < 1:
                    g.mul_(coef)
        self.optimizer.step()
        with torch.no_grad():
            if self.form == "batch":
                torch._foreach_lerp_([t for t, _ in self.pairs], [x for _, x in self.pairs], 1 - momentum)
            else:
                for t, x in self.pairs:
                    t.mul_(momentum).add_((1 - momentum) * x)
        return loss.item(), cst.item(), rec.item()


def step_flops(s):
    """Floating-point operations of one step, per image: student forward and backward (x3) and teacher forward."""
    def block(w, n):
        return 2 * n * (12 * w * w) + 4 * n * n * w
    n = s.tokens + 1
    enc = s.depth * block(s.width, n) + 2 * s.tokens * s.width * s.patch ** 2 * s.channels
    dec = (s.decoder_depth * block(s.decoder_width, n) + 2 * n * s.width * s.decoder_width
           + 2 * n * s.decoder_width * s.patch ** 2 * s.channels)
    head = 2 * s.tokens * (s.width * s.head_hidden + s.head_hidden ** 2 + s.head_hidden * s.head_out
                           + s.head_out * s.prototypes)
    return 3 * (enc + dec + head) + enc + head


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--arch", choices=ARCH, default="small")
    ap.add_argument("--batch", type=int, default=8)
    ap.add_argument("--form", choices=["loop", "batch"], default="batch")
    ap.add_argument("--dtype", choices=["f32", "bf16"], default="f32")
    ap.add_argument("--compile", action="store_true")
    ap.add_argument("--device", default="cpu")
    ap.add_argument("--steps", type=int, default=5)
    ap.add_argument("--warmup", type=int, default=2)
    ap.add_argument("--threads", type=int, default=0)
    a = ap.parse_args()
    if a.threads:
        torch.set_num_threads(a.threads)
    torch.manual_seed(0)
    s = Shape(**ARCH[a.arch])
    step = Step(s, a.form, a.dtype, a.compile)
    if a.device != "cpu":
        step.student.to(a.device), step.teacher.to(a.device)
        step.prototypes = step.prototypes.to(a.device)
    clean = torch.randn(a.batch, s.channels, s.image, s.image, device=a.device)
    lesion = torch.zeros_like(clean)
    lesion[:, :, 48:144, 64:160] = 0.3                                         # 36 of 196 patches
    seen = clean + lesion
    times = []
    for i in range(a.warmup + a.steps):
        t0 = time.perf_counter()
        losses = step(seen, clean, lesion)
        if i >= a.warmup:
            times.append(time.perf_counter() - t0)
    best, med = min(times), sorted(times)[len(times) // 2]
    fl = step_flops(s) * a.batch
    peak = (torch.cuda.max_memory_allocated() // 2**20 if a.device != "cpu"
            else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
    print(json.dumps(dict(arch=a.arch, batch=a.batch, form=a.form, dtype=a.dtype, compile=a.compile, device=a.device,
                          median_s=round(med, 4), best_s=round(best, 4), images_per_s=round(a.batch / med, 2),
                          gflop_per_image=round(step_flops(s) / 1e9, 1), tflops=round(fl / med / 1e12, 3),
                          peak_mib=peak,
                          loss=losses, torch=torch.__version__)))


if __name__ == "__main__":
    main()
