// How fast the decoders of core/delta make image bytes on this machine, beside liblzma on the same LZMA stream.
#include <benchmark/benchmark.h>
#include <lzma.h>

#include <stdexcept>

#include "core/delta/testing.hpp"
#include "tools/diff/patch.hpp"

namespace sb {
namespace {

using delta_testing::Buffer;

constexpr std::size_t image_bytes = 256 * 1024;
constexpr std::size_t page_bytes = 4096;

const delta_testing::Pair& builds() {
    static const delta_testing::Pair made = delta_testing::two_builds(image_bytes, 1);
    return made;
}

lzma_options_lzma lzma_options() {
    lzma_options_lzma options{};
    if (lzma_lzma_preset(&options, 9)) throw std::runtime_error("liblzma has no preset 9");
    options.dict_size = 1U << 14;
    options.lc = options.lp = options.pb = 0;
    lzma_set_ext_size(options, builds().new_image.size());
    return options;
}

/// The whole new image as one raw stream of liblzma.
Buffer pack_with_liblzma() {
    lzma_options_lzma options = lzma_options();
    const lzma_filter filters[] = {{LZMA_FILTER_LZMA1EXT, &options}, {LZMA_VLI_UNKNOWN, nullptr}};
    const Buffer& image = builds().new_image;
    Buffer packed(image.size() * 2);
    std::size_t used = 0;
    if (lzma_raw_buffer_encode(filters, nullptr, image.data(), image.size(), packed.data(), &used, packed.size()) !=
        LZMA_OK)
        throw std::runtime_error("liblzma failed to pack");
    packed.resize(used);
    return packed;
}

/// The same stream as the one segment of a container.
Buffer as_container(const Buffer& packed) {
    Buffer container(lzma_segments_magic.begin(), lzma_segments_magic.end());
    container.push_back(0x1e);
    for (std::size_t value : {packed.size() - 1, builds().new_image.size()}) {
        for (; value >= 0x80; value >>= 7) container.push_back(static_cast<std::uint8_t>(value | 0x80));
        container.push_back(static_cast<std::uint8_t>(value));
    }
    container.insert(container.end(), packed.begin() + 1, packed.end());
    return container;
}

void count(benchmark::State& state) {
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) *
                            static_cast<std::int64_t>(builds().new_image.size()));
}

void decode(benchmark::State& state, PayloadFormat format, const Buffer& payload) {
    for ([[maybe_unused]] auto _ : state) {
        delta_testing::Bench b(format, builds().new_image.size(), builds().old_image);
        Buffer page(page_bytes);
        Bytes in = payload;
        for (;;) {
            const auto p = b.decoder->decode(in, page);
            if (!p || (p->consumed == 0 && p->produced == 0)) {
                state.SkipWithError("the payload does not decode");
                return;
            }
            benchmark::DoNotOptimize(page.data());
            if (p->done) break;
            in = in.subspan(p->consumed);
        }
    }
    count(state);
}

Buffer patch(const char* compress) {
    diff::DiffOptions options;
    options.compress = compress;
    return diff::make_patch(builds().old_image, builds().new_image, options).bytes;
}

void liblzma_image(benchmark::State& state) {
    const Buffer packed = pack_with_liblzma();
    for ([[maybe_unused]] auto _ : state) {
        lzma_options_lzma options = lzma_options();
        const lzma_filter filters[] = {{LZMA_FILTER_LZMA1EXT, &options}, {LZMA_VLI_UNKNOWN, nullptr}};
        Buffer image(builds().new_image.size());
        std::size_t in = 0, out = 0;
        const lzma_ret result = lzma_raw_buffer_decode(filters, nullptr, packed.data(), &in, packed.size(),
                                                       image.data(), &out, image.size());
        benchmark::DoNotOptimize(image.data());
        if (result != LZMA_OK || out != image.size()) {
            state.SkipWithError("liblzma does not decode it");
            return;
        }
    }
    count(state);
}

void our_lzma_image(benchmark::State& state) {
    decode(state, PayloadFormat::lzma, as_container(pack_with_liblzma()));
}
void endsley_patch(benchmark::State& state) {
    decode(state, PayloadFormat::endsley, patch("none"));
}
void endsley_lzma_patch(benchmark::State& state) {
    decode(state, PayloadFormat::endsley_lzma, patch("lzma"));
}
void raw_image(benchmark::State& state) {
    decode(state, PayloadFormat::raw, builds().new_image);
}

BENCHMARK(liblzma_image);
BENCHMARK(our_lzma_image);
BENCHMARK(endsley_lzma_patch);
BENCHMARK(endsley_patch);
BENCHMARK(raw_image);

}  // namespace
}  // namespace sb
