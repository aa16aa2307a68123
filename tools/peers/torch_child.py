"""PyTorch's side of `deno task bench:peers`: answers one line of JSON for each that it is asked (messages.ts).

    python torch_child.py '{"variant": "channels_last", "threads": 2, "definitions": "…/tests/fixtures"}'

A training step is forward in training mode, softmax cross entropy, gradients, an SGD update and the loss read back;
a forward step is evaluation mode, and the sum of the outputs read back.
"""
import gc, importlib.metadata, json, math, os, shutil, sys, time

MARK = "\x02peers "


def tell(**answer):
    print(MARK + json.dumps(answer), flush=True)


options = json.loads(sys.argv[1])
variant = options["variant"]
sys.path.insert(0, options["definitions"])

import torch  # noqa: E402
from torch.nn import functional as F  # noqa: E402

import d2l_models  # noqa: E402

torch.set_num_threads(options["threads"])


def has_bfloat16():
    """Whether oneDNN computes in bfloat16 on this processor; elsewhere PyTorch falls back to loops without it."""
    try:
        return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
    except (AttributeError, RuntimeError):
        return False


def compiler():
    """The C++ compiler that inductor would call, or nothing."""
    return next((found for found in map(shutil.which, [os.environ.get("CXX", "g++"), "g++", "clang++"]) if found), "")


def network(name):
    """A network that starts as PyTorch's do, its input's shape and its classes."""
    source, _, model = name.partition("/")
    torch.manual_seed(options["seed"])
    if source == "d2l":
        module, shape = d2l_models.build(model)
        return module, shape, 10
    import torchvision  # Takes a second or two, which most networks do without.

    return torchvision.models.get_model(model, weights=None), (3, 224, 224), 1000


def to_step(name, mode, precision, batch):
    """A function that makes a step and gives its number, and how many parameters the network has."""
    module, shape, classes = network(name)
    images = torch.rand(batch, *shape)
    labels = torch.randint(classes, (batch,))
    if variant in ("channels_last", "bfloat16_weights"):
        module = module.to(memory_format=torch.channels_last)
        images = images.to(memory_format=torch.channels_last)
    if variant == "bfloat16_weights":
        module, images = module.to(torch.bfloat16), images.to(torch.bfloat16)
    params = sum(weight.numel() for weight in module.parameters() if weight.requires_grad)
    autocast = precision == "bfloat16" and variant != "bfloat16_weights"
    module.train(mode == "train")
    run = module
    if variant == "compile":
        from torch._inductor import config

        torch._dynamo.reset()
        # Weights become constants, BatchNorm is folded, filters are laid out once: what freezing is on the other side.
        config.freezing = mode == "forward"
        run = torch.compile(module)

    if mode == "forward":
        # inference_mode is a little faster than no_grad; compiled code makes no difference, and freezing wants no_grad.
        quiet = torch.no_grad if variant == "compile" else torch.inference_mode

        def step():
            with quiet(), torch.autocast("cpu", torch.bfloat16, enabled=autocast):
                return run(images).sum(dtype=torch.float32).item()
    else:
        # One kernel for all weights: faster than the default, a loop.
        optimizer = torch.optim.SGD(module.parameters(), lr=options["learningRate"], fused=True)

        def step():
            optimizer.zero_grad()
            with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
                loss = F.cross_entropy(run(images), labels)
            loss.backward()
            optimizer.step()
            return loss.item()

    return step, params


class Process:
    step = None

    def prepare(self, model, mode, precision, batch):
        if variant == "compile" and not compiler():
            raise RuntimeError("torch.compile needs a C++ compiler, and there is none")
        self.release()
        start = time.perf_counter()
        step, params = to_step(model, mode, precision, batch)
        value = step()
        self.step, self.last = step, math.inf
        ms = (time.perf_counter() - start) * 1000
        return dict(type="prepared", ms=ms, params=params, value=value if math.isfinite(value) else None)

    def measure(self, ms, least):
        if self.step is None:
            raise RuntimeError("Expected to be prepared before measuring but found nothing")
        # Others ran meanwhile: the first step of many brings back what caches lost.
        if self.last < ms:
            self.step()
        samples, finite = [], True
        while len(samples) < least or sum(samples) < ms:
            start = time.perf_counter()
            value = self.step()
            samples.append((time.perf_counter() - start) * 1000)
            finite = finite and math.isfinite(value)
        self.last = samples[-1]
        return dict(type="samples", ms=samples, finite=finite)

    def release(self):
        self.step = None
        gc.collect()
        return dict(type="released")


tell(
    type="ready",
    versions={"python": sys.version.split()[0], "torch": torch.__version__, "torchvision": importlib.metadata.version("torchvision")},
    threads=torch.get_num_threads(),
    features={"bfloat16": has_bfloat16(), "compiler": compiler(), "capability": torch.backends.cpu.get_cpu_capability()},
)
process = Process()
for line in sys.stdin:
    asked = json.loads(line)
    action = asked.pop("do")
    if action == "end":
        break
    try:
        tell(**getattr(process, action)(**asked))
    except Exception as error:
        words = " ".join(str(error).split())[:500]
        tell(type="failed", reason=f"{type(error).__name__}: {words}")
# What libraries would still tidy up is nobody's concern, and has been seen to hang.
sys.stdout.flush()
os._exit(0)
