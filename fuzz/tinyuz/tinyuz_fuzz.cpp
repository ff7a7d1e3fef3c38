// tinyuz both ways. First byte even: hostile code, unpacked at once and in pieces, which gives the same; a dictionary
// is never read where it was not written. Odd: bytes that are packed, and unpacked to the same with the dictionary that
// the packer announced.
#include <algorithm>
#include <cstdlib>
#include <vector>

#include "core/delta/tinyuz.hpp"
#include "tools/diff/tinyuz_writer.hpp"

namespace sb {
namespace {

using Buffer = std::vector<std::uint8_t>;

constexpr std::size_t most_bytes = std::size_t{1} << 20;

void require(bool holds) {
    if (!holds) std::abort();
}

struct Unpacked {
    Buffer plain;
    std::size_t left = 0;
    bool ended = false, failed = false;
};

Unpacked unpack(Bytes code, std::size_t dictionary_bytes, std::uint8_t fill, std::size_t in, std::size_t out) {
    Buffer dictionary(dictionary_bytes, fill);
    Tinyuz tinyuz;
    tinyuz.start(dictionary);
    Unpacked result;
    while (!tinyuz.ended() && result.plain.size() < most_bytes) {
        const auto step =
            tinyuz.decode(code.first(std::min(in, code.size())), std::min(out, most_bytes - result.plain.size()));
        if (!step) {
            result.failed = true;
            break;
        }
        require(step->made.size() <= out);
        code = code.subspan(step->consumed);
        result.plain.insert(result.plain.end(), step->made.begin(), step->made.end());
        if (step->consumed == 0 && step->made.empty()) break;
    }
    result.ended = tinyuz.ended();
    result.left = code.size();
    return result;
}

void unpack_hostile(Bytes data) {
    const std::size_t dictionary_bytes = 1U + data[0];
    const Unpacked whole = unpack(data.subspan(3), dictionary_bytes, 0, most_bytes, most_bytes);
    const Unpacked pieces = unpack(data.subspan(3), dictionary_bytes, 0xff, 1U + data[1], 1U + data[2]);
    require(whole.failed == pieces.failed && whole.ended == pieces.ended);
    require(whole.failed || whole.plain == pieces.plain);  // what a call made before it failed is lost
}

void pack(Bytes data) {
    const Buffer packed = diff::write_tinyuz(data.subspan(3), 1U + load_le<std::uint16_t>(data));
    const std::size_t dictionary_bytes = load_le<std::uint32_t>(packed);
    require(dictionary_bytes <= 1U + load_le<std::uint16_t>(data));
    const Unpacked back = unpack(Bytes(packed).subspan(4), dictionary_bytes, 0xa5, most_bytes, most_bytes);
    require(back.ended && !back.failed && back.left == 0 && equal(back.plain, data.subspan(3)));
}

}  // namespace
}  // namespace sb

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 4) return 0;
    const sb::Bytes rest = sb::Bytes(data, size).subspan(1);
    if ((data[0] & 1) == 0)
        sb::unpack_hostile(rest);
    else
        sb::pack(rest);
    return 0;
}
