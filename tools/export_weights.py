#!/usr/bin/env python3
"""Exports a model's weights to a safetensors file that loadWeights() reads.

    python3 tools/export_weights.py torchvision/resnet50 resnet50.safetensors --weights DEFAULT
    python3 tools/export_weights.py timm/seresnet50 seresnet50.safetensors --weights pretrained
    python3 tools/export_weights.py torchvision/resnet50 resnet50.safetensors --checkpoint resnet50-11ad3fa6.pth
    python3 tools/export_weights.py --list torchvision/resnet50

Needs torch and safetensors, and torchvision or timm (pip install torch torchvision timm safetensors). Names are
those of this project's catalog: listModels("torchvision/*"), listModels("timm/*").

--weights names weights of torchvision (DEFAULT, IMAGENET1K_V1, ...) or is `pretrained` for timm's default ones:
torchvision and timm then take them from their caches, or download them. Without it nothing is downloaded: the file
has the values that the model starts with (--seed), or those of --checkpoint.
"""
import argparse
import pickle
import sys


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="torchvision/NAME or timm/NAME")
    parser.add_argument("output", nargs="?", help="the safetensors file to write")
    parser.add_argument("--list", action="store_true", help="list the weights that the source offers, and stop")
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--weights", help="which weights; the source downloads them if it has to")
    source.add_argument("--checkpoint", help="a .pth or .safetensors file on this machine")
    parser.add_argument("--seed", type=int, default=0, help="for the values of a fresh model")
    parser.add_argument("--half", action="store_true", help="write float16: half the size, three digits")
    arguments = parser.parse_args()
    if not arguments.list and arguments.output is None:
        parser.error("the output file is missing")
    if arguments.model.partition("/")[0] not in ("torchvision", "timm"):
        parser.error(f"expected torchvision/NAME or timm/NAME but found {arguments.model}")
    return arguments


def list_weights(source, name):
    if source == "torchvision":
        from torchvision.models import get_model_weights

        return [weights.name for weights in get_model_weights(name.removesuffix("_aux"))]
    import timm

    return timm.list_pretrained(f"{name}.*") + timm.list_pretrained(name)


def read_checkpoint(path):
    import torch

    if path.endswith(".safetensors"):
        from safetensors.torch import load_file

        return load_file(path)
    # As timm reads its own training's checkpoints; nothing else but tensors is let through.
    with torch.serialization.safe_globals([argparse.Namespace]):
        saved = torch.load(path, map_location="cpu", weights_only=True)
    for key in ("state_dict_ema", "model_ema", "state_dict", "model"):
        if isinstance(saved.get(key), dict):
            return saved[key]
    return saved


def make(source, name, arguments):
    """The state dict to write."""
    import torch

    torch.manual_seed(arguments.seed)
    if arguments.checkpoint is not None:
        return read_checkpoint(arguments.checkpoint)
    if source == "torchvision":
        from torchvision.models import get_model

        # This project's name for GoogLeNet with its heads, which torchvision drops from its weights unless asked not to.
        heads = {"aux_logits": name.endswith("_aux")} if name.startswith("googlenet") else {}
        # It warns of its slow initial values where nobody says that they are wanted.
        fresh = {"init_weights": True} if heads and not arguments.weights else {}
        return get_model(name.removesuffix("_aux"), weights=arguments.weights, **heads, **fresh).state_dict()
    import timm

    if arguments.weights not in (None, "pretrained"):
        name = arguments.weights if "." in arguments.weights else f"{name}.{arguments.weights}"
    return timm.create_model(name, pretrained=arguments.weights is not None).state_dict()


def main():
    arguments = parse()
    source, _, name = arguments.model.partition("/")
    try:
        if arguments.list:
            print("\n".join(list_weights(source, name)) or "none")
            return 0
        import torch
        from safetensors.torch import save_file

        tensors = {
            # Contiguous copies: safetensors refuses tensors that share memory.
            key: (value.to(torch.float16) if arguments.half and value.is_floating_point() else value)
            .detach().clone().contiguous()
            for key, value in make(source, name, arguments).items()
        }
        save_file(tensors, arguments.output, metadata={"format": "pt", "source": f"{source}/{name}"})
    except ImportError as error:
        print(f"{error}: pip install torch torchvision timm safetensors", file=sys.stderr)
        return 2
    except (ValueError, RuntimeError, OSError, KeyError, pickle.UnpicklingError) as error:
        print(error, file=sys.stderr)
        return 1
    count = sum(value.numel() for value in tensors.values())
    print(f"{arguments.output}: {len(tensors)} tensors, {count:,} values")
    return 0


if __name__ == "__main__":
    sys.exit(main())
