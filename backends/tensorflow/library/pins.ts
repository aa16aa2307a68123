/**
 * The files that `setup` installs, by content; made by `tools/pin_libtensorflow.ts`.
 *
 * @module
 */
import type { LibrarySet, Member } from "./library_set.ts";

/** The pinned TensorFlow. */
export const TENSORFLOW_VERSION = "2.21.0";

const APACHE = "Apache-2.0";
const NVIDIA = "NVIDIA's own: for use, not to be passed on";

const member = (path: string, bytes: number, sha256: string): Member => ({ path, bytes, sha256 });

const LINUX_X86_64_CPU: LibrarySet = {
  name: "linux-x86_64-cpu",
  version: TENSORFLOW_VERSION,
  gpu: false,
  tested: true,
  library: "tensorflow/libtensorflow_cc.so.2",
  preload: [],
  wheels: [
    {
      file: "tensorflow_cpu-2.21.0-cp312-cp312-manylinux_2_27_x86_64.whl",
      bytes: 274_000_871,
      sha256: "dcc8afd32930e42d5296b6ee19078b773706830af4ea97fbe503b9f5e0f820cb",
      licence: APACHE,
      members: [
        member(
          "tensorflow/libtensorflow_cc.so.2",
          788_086_608,
          "6505a4b9657e62100c6bdacb683957a395cb047725042945aaa50e40a71e429e",
        ),
        member(
          "tensorflow/libtensorflow_framework.so.2",
          65_222_328,
          "f060b323b26ef80add21b9df9428de3aeaf2843d772c5bb098745f7abff3709b",
        ),
        member(
          "tensorflow/THIRD_PARTY_NOTICES.txt",
          466_978,
          "b9cc03566b8e0e074f718e64f96f49b6fe070e3f777c41b3d4bb0df7113ea634",
        ),
        member(
          "tensorflow/include/LICENSE",
          11_361,
          "c79a7fea0e3cac04cd43f20e7b648e5a0ff8fa5344e644b0ee09ca1162b62747",
        ),
      ],
    },
  ],
};

const LINUX_X86_64_GPU: LibrarySet = {
  name: "linux-x86_64-gpu",
  version: TENSORFLOW_VERSION,
  gpu: true,
  tested: false,
  library: "tensorflow/libtensorflow_cc.so.2",
  preload: [
    "nvidia/cuda_runtime/lib/libcudart.so.12",
    "nvidia/cuda_nvrtc/lib/libnvrtc-builtins.so.12.5",
    "nvidia/cuda_nvrtc/lib/libnvrtc.so.12",
    "nvidia/nvjitlink/lib/libnvJitLink.so.12",
    "nvidia/cublas/lib/libcublasLt.so.12",
    "nvidia/cublas/lib/libcublas.so.12",
    "nvidia/cufft/lib/libcufft.so.11",
    "nvidia/cusparse/lib/libcusparse.so.12",
    "nvidia/cusolver/lib/libcusolver.so.11",
    "nvidia/cudnn/lib/libcudnn.so.9",
  ],
  wheels: [
    {
      file: "tensorflow-2.21.0-cp312-cp312-manylinux_2_27_x86_64.whl",
      bytes: 572_611_111,
      sha256: "b3b95643c4e70eb925839938fb35cbe142f317ec84af6844ee61513713bb13c0",
      licence: APACHE,
      members: [
        member(
          "tensorflow/libtensorflow_cc.so.2",
          1_096_372_272,
          "2889ecc99d7641620f41a4bea538f4dd4b626f75aa3e12623161ae939054191c",
        ),
        member(
          "tensorflow/libtensorflow_framework.so.2",
          162_648_808,
          "98847c6f0448308159f6d3ff55e13a9e92978598c7fbb34cde63aadf35c6fe84",
        ),
        member(
          "tensorflow/THIRD_PARTY_NOTICES.txt",
          466_978,
          "b9cc03566b8e0e074f718e64f96f49b6fe070e3f777c41b3d4bb0df7113ea634",
        ),
        member(
          "tensorflow/include/LICENSE",
          11_361,
          "c79a7fea0e3cac04cd43f20e7b648e5a0ff8fa5344e644b0ee09ca1162b62747",
        ),
      ],
    },
    {
      file: "nvidia_cublas_cu12-12.5.3.2-py3-none-manylinux2014_x86_64.whl",
      bytes: 363_313_169,
      sha256: "ca070ad70e9fa6654084575d01bd001f30cc4665e33d4bb9fc8e0f321caa034b",
      licence: NVIDIA,
      members: [
        member(
          "nvidia/cublas/lib/libcublas.so.12",
          104_128_480,
          "797b64342af51be6f1623a68b37cc4ec80cb9724438024f927fe55f81c4f90bf",
        ),
        member(
          "nvidia/cublas/lib/libcublasLt.so.12",
          446_820_528,
          "89977bc9e7b237be98552739507b9d1102d410044345abb3f54aa2f45460a32a",
        ),
        member(
          "nvidia_cublas_cu12-12.5.3.2.dist-info/License.txt",
          59_262,
          "ad6f5853fba0ca0d159d0f58d49ae49830c2f8c93f7a92648b9ce90adb4c6ccd",
        ),
      ],
    },
    {
      file: "nvidia_cuda_nvrtc_cu12-12.5.82-py3-none-manylinux2014_x86_64.whl",
      bytes: 24_873_108,
      sha256: "3dbd97b0104b4bfbc3c4f8c79cd2496307c89c43c29a9f83125f1d76296ff3fd",
      licence: NVIDIA,
      members: [
        member(
          "nvidia/cuda_nvrtc/lib/libnvrtc-builtins.so.12.5",
          5_322_632,
          "02249f23640dc39ac970fc1b040ef79cfa3f534d364b435a19de678a97752901",
        ),
        member(
          "nvidia/cuda_nvrtc/lib/libnvrtc.so.12",
          62_921_032,
          "ded4f1c4bf6a2e91f06ceea25c9aa8c1e44a7d8b6ff3bbe22c3b2dabe64debd8",
        ),
        member(
          "nvidia_cuda_nvrtc_cu12-12.5.82.dist-info/License.txt",
          59_262,
          "ad6f5853fba0ca0d159d0f58d49ae49830c2f8c93f7a92648b9ce90adb4c6ccd",
        ),
      ],
    },
    {
      file: "nvidia_cuda_runtime_cu12-12.5.82-py3-none-manylinux2014_x86_64.whl",
      bytes: 895_707,
      sha256: "3e79a060e126df40fd3a068f3f787eb000fa51b251ec6cd97d09579632687115",
      licence: NVIDIA,
      members: [
        member(
          "nvidia/cuda_runtime/lib/libcudart.so.12",
          712_032,
          "16e8815a5e36a7ffbc9107df350d3f67090afb10a3de4b3710f6928aa7994a36",
        ),
        member(
          "nvidia_cuda_runtime_cu12-12.5.82.dist-info/License.txt",
          59_262,
          "ad6f5853fba0ca0d159d0f58d49ae49830c2f8c93f7a92648b9ce90adb4c6ccd",
        ),
      ],
    },
    {
      file: "nvidia_cudnn_cu12-9.3.0.75-py3-none-manylinux2014_x86_64.whl",
      bytes: 577_163_502,
      sha256: "9ad9c6929ebb5295eb4a1728024666d1c88283373e265a0c5c883e6f9d5cd76d",
      licence: NVIDIA,
      members: [
        member(
          "nvidia/cudnn/lib/libcudnn.so.9",
          108_760,
          "a9524237f7e6d7fb3550b65b0676ad643929e812d0bac87e636ba68bc99e7b60",
        ),
        member(
          "nvidia/cudnn/lib/libcudnn_adv.so.9",
          245_380_928,
          "55e6b506623443c880e27db7922b4f9ecf30244a52632a038fc1e1c58bf72009",
        ),
        member(
          "nvidia/cudnn/lib/libcudnn_cnn.so.9",
          6_301_232,
          "859e1ae5e8bdbd9199ccf4d40f5f7897c684efca34fb51fd21fab5234994d470",
        ),
        member(
          "nvidia/cudnn/lib/libcudnn_engines_precompiled.so.9",
          452_999_128,
          "fd7e18f04dd76b0a91067b616090f69025e5ed8fe9cd6c75e3cecc3f1721a34e",
        ),
        member(
          "nvidia/cudnn/lib/libcudnn_engines_runtime_compiled.so.9",
          12_594_608,
          "b832e5d206ebd9680eda4c0799b68f062ac5816288d35810cebe60ee5ab90fcc",
        ),
        member(
          "nvidia/cudnn/lib/libcudnn_graph.so.9",
          4_362_800,
          "064c7a2a2ffbfd51f1e21139f735dd9484bd8718a016e7814166eacd85d92eac",
        ),
        member(
          "nvidia/cudnn/lib/libcudnn_heuristic.so.9",
          54_529_720,
          "83e4a8546748b7095de4c2be849529f79f9f99123185c43554ff18c028d200cb",
        ),
        member(
          "nvidia/cudnn/lib/libcudnn_ops.so.9",
          109_061_784,
          "89a374d8dee1b8a14c7e14d63d2fa33c1812df88ab8f0a39eac28e027f2d901d",
        ),
        member(
          "nvidia_cudnn_cu12-9.3.0.75.dist-info/License.txt",
          18_174,
          "49cf79bdb35734b52fe6203013b3bd759f81e998cd32aa2c65c51db9a88c61d2",
        ),
      ],
    },
    {
      file: "nvidia_cufft_cu12-11.2.3.61-py3-none-manylinux2014_x86_64.whl",
      bytes: 192_524_114,
      sha256: "9a6e8df162585750f61983a638104a48c756aa13f9f48e19ab079b38e3c828b8",
      licence: NVIDIA,
      members: [
        member(
          "nvidia/cufft/lib/libcufft.so.11",
          276_827_776,
          "1717df98715048c2f3c5b2f71801ce71ec5964051079441b0e24a7f70aac1b45",
        ),
        member(
          "nvidia_cufft_cu12-11.2.3.61.dist-info/License.txt",
          59_262,
          "ad6f5853fba0ca0d159d0f58d49ae49830c2f8c93f7a92648b9ce90adb4c6ccd",
        ),
      ],
    },
    {
      file: "nvidia_cusolver_cu12-11.6.3.83-py3-none-manylinux2014_x86_64.whl",
      bytes: 130_341_232,
      sha256: "93cfafacde4428b71778eeb092ec615a02a3d05404da1bcf91c53e3fa1bce42b",
      licence: NVIDIA,
      members: [
        member(
          "nvidia/cusolver/lib/libcusolver.so.11",
          127_953_480,
          "e6cab63a8e967d245ccbc2eb4eb977aa98f3c61595042500a902466a4d8d9286",
        ),
        member(
          "nvidia_cusolver_cu12-11.6.3.83.dist-info/License.txt",
          59_262,
          "ad6f5853fba0ca0d159d0f58d49ae49830c2f8c93f7a92648b9ce90adb4c6ccd",
        ),
      ],
    },
    {
      file: "nvidia_cusparse_cu12-12.5.1.3-py3-none-manylinux2014_x86_64.whl",
      bytes: 217_558_979,
      sha256: "016df8e993c437e8301e62739f01775cba988fd5253cd4c64173f8e8d2f8e752",
      licence: NVIDIA,
      members: [
        member(
          "nvidia/cusparse/lib/libcusparse.so.12",
          295_715_544,
          "51c49bf359bc9a5ac6191a50866a171eb5f28cc6eb57ac0e30253dd6a259f2a6",
        ),
        member(
          "nvidia_cusparse_cu12-12.5.1.3.dist-info/License.txt",
          59_262,
          "ad6f5853fba0ca0d159d0f58d49ae49830c2f8c93f7a92648b9ce90adb4c6ccd",
        ),
      ],
    },
    {
      file: "nvidia_nvjitlink_cu12-12.5.82-py3-none-manylinux2014_x86_64.whl",
      bytes: 21_298_879,
      sha256: "f9b37bc5c8cf7509665cb6ada5aaa0ce65618f2332b7d3e78e9790511f111212",
      licence: NVIDIA,
      members: [
        member(
          "nvidia/nvjitlink/lib/libnvJitLink.so.12",
          54_560_656,
          "fc73ecb6ae4253cbc7e991fe22539961f3ae4adbb1841e972bb037d708211575",
        ),
        member(
          "nvidia_nvjitlink_cu12-12.5.82.dist-info/License.txt",
          59_262,
          "ad6f5853fba0ca0d159d0f58d49ae49830c2f8c93f7a92648b9ce90adb4c6ccd",
        ),
      ],
    },
  ],
};

const LINUX_AARCH64_CPU: LibrarySet = {
  name: "linux-aarch64-cpu",
  version: TENSORFLOW_VERSION,
  gpu: false,
  tested: false,
  library: "tensorflow/libtensorflow_cc.so.2",
  preload: [],
  wheels: [
    {
      file: "tensorflow-2.21.0-cp312-cp312-manylinux_2_27_aarch64.whl",
      bytes: 281_946_471,
      sha256: "b07d15737406533898e36c7ef7944b1be18e9028dc521b9229952c537bbc5552",
      licence: APACHE,
      members: [
        member(
          "tensorflow/libtensorflow_cc.so.2",
          814_885_544,
          "5f7de6ba6478ed7b83767a6e661e3e6e6931b05c64db14ba98250e52316a007c",
        ),
        member(
          "tensorflow/libtensorflow_framework.so.2",
          68_176_664,
          "deade33b9ab90ff468fd1d1f8f6079bec5a3a507cf2d13c3218aa8beec28aeb3",
        ),
        member(
          "tensorflow/THIRD_PARTY_NOTICES.txt",
          466_978,
          "b9cc03566b8e0e074f718e64f96f49b6fe070e3f777c41b3d4bb0df7113ea634",
        ),
        member(
          "tensorflow/include/LICENSE",
          11_361,
          "c79a7fea0e3cac04cd43f20e7b648e5a0ff8fa5344e644b0ee09ca1162b62747",
        ),
      ],
    },
  ],
};

const DARWIN_AARCH64_CPU: LibrarySet = {
  name: "darwin-aarch64-cpu",
  version: TENSORFLOW_VERSION,
  gpu: false,
  tested: false,
  library: "tensorflow/libtensorflow_cc.2.dylib",
  preload: [],
  wheels: [
    {
      file: "tensorflow-2.21.0-cp312-cp312-macosx_12_0_arm64.whl",
      bytes: 223_488_205,
      sha256: "56ecd7d47429acbe1df2694d50b75bf9fc3995ac92cb367cd9af6c4780ead712",
      licence: APACHE,
      members: [
        member(
          "tensorflow/libtensorflow_cc.2.dylib",
          691_352_648,
          "e003ba85c57343137691f436beed1b13fe93e9dbe54acdbcc285fe2d8090f6c5",
        ),
        member(
          "tensorflow/libtensorflow_framework.2.dylib",
          49_452_976,
          "34f4b7baabc727dbd85e67741df3f4ce4f07e21b7ab57b9f818a3701d99b1287",
        ),
        member(
          "tensorflow/THIRD_PARTY_NOTICES.txt",
          466_978,
          "b9cc03566b8e0e074f718e64f96f49b6fe070e3f777c41b3d4bb0df7113ea634",
        ),
        member(
          "tensorflow/include/LICENSE",
          11_361,
          "c79a7fea0e3cac04cd43f20e7b648e5a0ff8fa5344e644b0ee09ca1162b62747",
        ),
      ],
    },
  ],
};

/** All sets that are pinned. */
export const LIBRARY_SETS: readonly LibrarySet[] = [
  LINUX_X86_64_CPU,
  LINUX_X86_64_GPU,
  LINUX_AARCH64_CPU,
  DARWIN_AARCH64_CPU,
];
