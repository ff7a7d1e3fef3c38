// Bad patches through C, in one call and in pieces, into rooms and work memory of any size. The first byte chooses the
// rest's meaning: a patch as it stands, or changes to a good one; the next four how large the room, the memory, the
// pieces and the old image are. Beyond "no access out of bounds": nothing is written beyond the room, both ways say the
// same and make the same, and what is refused has no size.
#include <cstdlib>
#include <cstring>
#include <memory>

#include "capi/switchback.h"
#include "core/delta/testing.hpp"
#include "tools/diff/patch.hpp"

namespace sb {
namespace {

using delta_testing::Buffer;

constexpr std::size_t most_bytes = 1U << 16;

void require(bool holds) {
    if (!holds) std::abort();
}

struct Sample {
    delta_testing::Pair pair = delta_testing::two_builds(3000, 8);
    std::vector<Buffer> patches;

    Sample() {
        for (const auto& [format, compress] : {std::pair{"sbd", "none"},
                                               {"endsley", "none"},
                                               {"endsley", "lzma"},
                                               {"lzma", "lzma"},
                                               {"hpatchlite", "none"},
                                               {"hpatchlite", "tuz"},
                                               {"hdiffsf", "none"},
                                               {"vcdiff", "none"},
                                               {"vcdiff", "interleaved"}}) {
            diff::DiffOptions options;
            options.format = format;
            options.compress = compress;
            if (options.format == "sbd") options.ram_bytes = 4096;
            if (options.format == "vcdiff") options.window_bytes = 1024;
            patches.push_back(diff::make_patch(pair.old_image, pair.new_image, options).bytes);
        }
    }
};

const Sample& sample() {
    static const Sample made;
    return made;
}

Buffer changed(Buffer patch, Bytes changes) {
    for (; changes.size() >= 3; changes = changes.subspan(3)) {
        const std::size_t at = load_le<std::uint16_t>(changes) % patch.size();
        patch[at] = static_cast<std::uint8_t>(patch[at] ^ changes[2]);
    }
    return patch;
}

struct Answer {
    switchback_result result = SWITCHBACK_OK;
    std::size_t bytes = 0;
    Buffer image;
};

/// Work memory whose end AddressSanitizer watches.
struct Memory {
    explicit Memory(std::size_t bytes) : room(std::make_unique<std::uint64_t[]>(bytes / 8 + 1)), size(bytes / 8 * 8) {}
    std::unique_ptr<std::uint64_t[]> room;
    std::size_t size;
};

Answer at_once(Bytes old, Bytes patch, std::size_t room, std::size_t memory_bytes) {
    Answer answer;
    answer.image.resize(room);
    const Memory memory(memory_bytes);
    answer.result = switchback_patch_buffer_with_memory(
        switchback_all_decoders, SWITCHBACK_ALL_DECODERS, memory.room.get(), memory.size, old.data(), old.size(),
        patch.data(), patch.size(), answer.image.data(), room, &answer.bytes);
    require(answer.result == SWITCHBACK_OK || answer.bytes == 0);
    require(answer.bytes <= room && answer.result != SWITCHBACK_BAD_ARGUMENT);
    answer.image.resize(answer.bytes);
    return answer;
}

struct Stream {
    Bytes old_image;
    Buffer made{};
    std::size_t room = 0;

    static int read_old(void* self, std::uint32_t offset, void* to, std::size_t bytes) {
        const Bytes old = static_cast<Stream*>(self)->old_image;
        require(offset <= old.size() && bytes <= old.size() - offset && bytes != 0);
        std::memcpy(to, old.data() + offset, bytes);
        return 0;
    }
    static int write_new(void* self, std::uint32_t offset, const void* from, std::size_t bytes) {
        auto& stream = *static_cast<Stream*>(self);
        require(offset == stream.made.size() && bytes != 0 && bytes <= SWITCHBACK_PATCH_PIECE_BYTES);
        require(bytes <= stream.room - offset);
        const auto* const first = static_cast<const std::uint8_t*>(from);
        stream.made.insert(stream.made.end(), first, first + bytes);
        return 0;
    }
    static int read_new(void* self, std::uint32_t offset, void* to, std::size_t bytes) {
        const Buffer& made = static_cast<Stream*>(self)->made;
        require(offset <= made.size() && bytes <= made.size() - offset && bytes != 0);
        std::memcpy(to, made.data() + offset, bytes);
        return 0;
    }
};

Answer in_pieces(Bytes old, Bytes patch, std::size_t room, std::size_t memory_bytes, std::size_t piece) {
    Stream stream{old, {}, room};
    const Memory memory(memory_bytes);
    const switchback_patch_setup setup{&stream,
                                       Stream::read_old,
                                       static_cast<std::uint32_t>(old.size()),
                                       Stream::write_new,
                                       Stream::read_new,
                                       static_cast<std::uint32_t>(room),
                                       static_cast<std::uint32_t>(patch.size()),
                                       switchback_all_decoders,
                                       SWITCHBACK_ALL_DECODERS,
                                       memory.room.get(),
                                       memory.size};
    switchback_patch state;
    require(switchback_patch_begin(&state, &setup) == SWITCHBACK_OK);
    Answer answer;
    for (std::size_t at = 0; at < patch.size() && answer.result == SWITCHBACK_OK; at += piece)
        answer.result = switchback_patch_feed(&state, patch.data() + at, std::min(piece, patch.size() - at));
    std::uint32_t bytes = 0;
    const auto ended = switchback_patch_end(&state, &bytes);
    require(answer.result == SWITCHBACK_OK || ended == answer.result);
    answer.result = ended;
    answer.bytes = bytes;
    if (ended == SWITCHBACK_OK) answer.image = stream.made;
    require(answer.image.size() == bytes);
    return answer;
}

void run(Bytes data) {
    const auto& good = sample().patches;
    const std::size_t mode = data[0] % (good.size() + 1);
    const Bytes rest = data.subspan(5);
    const Buffer patch = mode == 0 ? Buffer(rest.begin(), rest.end()) : changed(good[mode - 1], rest);
    const std::size_t room = data[1] == 255 ? sample().pair.new_image.size() : std::size_t{data[1]} * 31;
    const std::size_t memory = std::size_t{data[2]} * 160;
    const Bytes old = Bytes(sample().pair.old_image).first(sample().pair.old_image.size() * data[4] / 255);
    switchback_patch_info info;
    const std::size_t head = std::min<std::size_t>(patch.size(), SWITCHBACK_PATCH_HEAD_BYTES);
    const auto seen = switchback_patch_inspect(patch.data(), head, patch.size(), &info);
    const Answer once = at_once(old, patch, room, memory);
    const Answer pieces = in_pieces(old, patch, room, memory, 1U + data[3]);
    require(seen == SWITCHBACK_OK || once.result == seen);
    require((once.result == SWITCHBACK_OK) == (pieces.result == SWITCHBACK_OK));
    require(once.bytes == pieces.bytes && once.image == pieces.image);
    if (once.result == SWITCHBACK_OK && info.tells_new_bytes) require(once.bytes == info.new_bytes);
    require(once.bytes <= most_bytes);
}

}  // namespace
}  // namespace sb

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size >= 5) sb::run({data, size});
    return 0;
}
