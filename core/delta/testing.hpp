// core/delta: what the tests of this room share: pairs of images that look like two builds of one program, and ways
// to feed a decoder.
#pragma once

#include <algorithm>
#include <random>
#include <vector>

#include "core/delta/all_decoders.hpp"

namespace sb::delta_testing {

using Buffer = std::vector<std::uint8_t>;

/// What makes a number of bsdiff negative.
inline constexpr std::uint64_t minus = std::uint64_t{1} << 63;
/// What makes a number of HDIFF13 and HDIFFSF20 negative.
inline constexpr std::uint8_t back = 0x80;

class Random {
public:
    explicit Random(std::uint32_t seed) : engine_(seed) {}
    std::uint32_t operator()() { return static_cast<std::uint32_t>(engine_()); }

private:
    std::mt19937 engine_;
};

/// Bytes that look like code: few different half words, repeated stretches, and words that change with `base`.
inline Buffer code_like(std::size_t bytes, std::uint32_t seed, std::uint32_t base) {
    Random random(seed);
    Buffer code;
    while (code.size() < bytes) {
        if (random() % 16 == 0 && code.size() > 256) {
            const std::size_t from = random() % (code.size() - 128);
            const std::size_t count = 8 + random() % 100;
            for (std::size_t i = 0; i < count; ++i) code.push_back(code[from + i]);
        } else if (random() % 8 == 0) {
            const std::uint32_t address = base + random() % 4096 * 4;
            for (unsigned i = 0; i < 4; ++i) code.push_back(static_cast<std::uint8_t>(address >> 8 * i));
        } else {
            const std::uint32_t half = random() % 64 * 0x111;
            code.push_back(static_cast<std::uint8_t>(half));
            code.push_back(static_cast<std::uint8_t>(half >> 8));
        }
    }
    code.resize(bytes);
    return code;
}

struct Pair {
    Buffer old_image;
    Buffer new_image;
};

/// Two builds: addresses moved, a function put in, one taken out, one placed elsewhere.
inline Pair two_builds(std::size_t bytes, std::uint32_t seed) {
    Pair pair{code_like(bytes, seed, 0x08004000), code_like(bytes, seed, 0x08004124)};
    Buffer& n = pair.new_image;
    const auto at = [&](std::size_t part) { return n.begin() + static_cast<std::ptrdiff_t>(bytes * part / 16); };
    const Buffer added = code_like(bytes / 40 + 3, seed + 1, 0x20000000);
    std::rotate(at(9), at(10), at(12));
    n.erase(at(6), at(6) + static_cast<std::ptrdiff_t>(bytes / 50));
    n.insert(at(3), added.begin(), added.end());
    return pair;
}

/// Pairs in which there is little to find, or nothing to do: noise, erased flash, empty images, one byte.
inline std::vector<Pair> awkward_pairs(const Pair& builds) {
    Random random(5);
    Buffer noise(5000);
    for (auto& b : noise) b = static_cast<std::uint8_t>(random());
    return {{builds.new_image, builds.old_image},
            {builds.old_image, builds.old_image},
            {noise, builds.new_image},
            {builds.old_image, noise},
            {{}, noise},
            {noise, {}},
            {{}, {}},
            {{1}, {1}},
            {{1}, {2}},
            {Buffer(100), Buffer(30000)},
            {Buffer(30000, 0xff), Buffer(100)}};
}

/// A decoder with its memory.
struct Bench {
    Bench(PayloadFormat format, std::size_t image_bytes, Bytes old_image)
        : reader(old_image), work(decoder_ram_bytes(PayloadFormat::lzma, 1U << 14) / 4, 0xdeadbeef) {
        DecoderSetup setup;
        setup.format = format;
        setup.image_bytes = static_cast<std::uint32_t>(image_bytes);
        setup.old_image = &reader;
        setup.work = MutableBytes(reinterpret_cast<std::uint8_t*>(work.data()), work.size() * 4);
        setup.decoder_ram_bytes = static_cast<std::uint32_t>(setup.work.size());
        decoder = *make_decoder(all_decoders, setup, storage);
    }
    Bench(const Bench&) = delete;
    Bench& operator=(const Bench&) = delete;

    MemoryReader reader;
    std::vector<std::uint32_t> work;
    DecoderStorage storage;
    Decoder* decoder;
};

struct Outcome {
    Buffer image;
    bool done = false;
    Error error = Error::none;
};

/// Feeds `payload` in pieces of `in_piece()` bytes and takes output in pieces of `out_piece()` bytes, until the
/// decoder is done, fails or makes no more progress.
template <class InPiece, class OutPiece>
Outcome feed(Decoder& decoder, Bytes payload, InPiece in_piece, OutPiece out_piece) {
    Outcome outcome;
    Buffer room;
    std::size_t shown = 0;
    std::size_t used = 0;
    for (;;) {
        if (shown == used) shown = std::min<std::size_t>(payload.size(), used + in_piece());
        room.assign(out_piece(), 0xa5);
        const auto p = decoder.decode(payload.subspan(used, shown - used), room);
        if (!p) {
            outcome.error = p.error();
            return outcome;
        }
        used += p->consumed;
        outcome.image.insert(outcome.image.end(), room.begin(),
                             room.begin() + static_cast<std::ptrdiff_t>(p->produced));
        outcome.done = p->done;
        if (p->done && used < payload.size()) {
            const auto more = decoder.decode(payload.subspan(used), {});
            outcome.error = more ? Error::none : more.error();
            return outcome;
        }
        if (p->done) return outcome;
        if (p->consumed == 0 && p->produced == 0) {
            if (shown == payload.size()) return outcome;
            ++shown;  // a piece that is too small to go on with
        }
    }
}

inline Outcome feed_whole(Decoder& decoder, Bytes payload, std::size_t out_piece = 4096) {
    return feed(decoder, payload, [&] { return payload.size() + 1; }, [&] { return out_piece; });
}

}  // namespace sb::delta_testing
