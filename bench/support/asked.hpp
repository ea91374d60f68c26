// bench/support/asked.hpp -- the options of benchmarks that look at one model: what is asked for, or a sentence and exit code 2
//
//   Asked const asked = read_options(argc, argv, "profile");      // asked.vit(), asked.batch, asked.steps ...
#pragma once
#include <cstdio>
#include <cstdlib>

#include <bench/support/step_trainer.hpp>

namespace afire::bench {

struct Asked {
  std::string model = "small", dtype = "bf16", json;
  Index batch = 8, steps = 5;
  Checkpoints checkpointing;

  ViTConfig vit() const { return model == "tiny" ? vit_tiny : model == "small" ? vit_small : vit_base; }
};

[[noreturn]] inline void refuse(char const* bench, std::string const& why) {
  std::fprintf(stderr, "%s\nbench %s [--model tiny|small|base] [--dtype f32|bf16] [--batch N] [--steps N] [--recompute] [--json FILE]\n",
               why.c_str(), bench);
  std::exit(2);
}

inline Asked read_options(int argc, char** argv, char const* bench) {
  Asked asked;
  for (int i = 1; i < argc; ++i) {
    std::string const name = argv[i];
    if (name == "--recompute") {
      asked.checkpointing.recompute = true;
      continue;
    }
    if (++i == argc) refuse(bench, name + " needs a value");
    std::string const value = argv[i];
    auto const number = [&] {
      long const n = std::strtol(value.c_str(), nullptr, 10);
      if (n < 1) refuse(bench, name + " is " + value + "; at least 1 is needed");
      return static_cast<Index>(n);
    };
    if (name == "--model" && (value == "tiny" || value == "small" || value == "base")) asked.model = value;
    else if (name == "--dtype" && (value == "f32" || value == "bf16")) asked.dtype = value;
    else if (name == "--batch") asked.batch = number();
    else if (name == "--steps") asked.steps = number();
    else if (name == "--json") asked.json = value;
    else refuse(bench, "there is no " + name + " " + value);
  }
  return asked;
}

}  // namespace afire::bench
