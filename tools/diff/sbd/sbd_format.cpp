// sbd, our own format: one source pointer, predicted bytes, context mixing (docs/sbd.md).
#include <array>

#include "tools/diff/format.hpp"
#include "tools/diff/sbd/encoder.hpp"
#include "tools/diff/sbd/explain.hpp"
#include "tools/diff/sbd/whole_decoder.hpp"

namespace sb::diff {
namespace {

constexpr std::array<std::string_view, 1> compressions{"none"};

sbd::Budget budget_of(std::uint32_t ram_bytes) {
    for (const sbd::Budget budget : {sbd::Budget::k4, sbd::Budget::k8, sbd::Budget::k16, sbd::Budget::k32})
        if (sbd::budget_bytes(budget) == ram_bytes) return budget;
    if (ram_bytes == 0) return sbd::Budget::k16;
    throw OptionError("a decoder of sbd has 4K, 8K, 16K or 32K of memory");
}

DecodingSpeed speed_of(const std::string& name) {
    if (name.empty() || name == "smallest" || name == "linux") return DecodingSpeed::smallest;
    if (name == "m4") return DecodingSpeed::m4;
    if (name == "m0") return DecodingSpeed::m0;
    throw OptionError("--speed is one of smallest, m4, m0, linux");
}

Patch encode(Bytes old, Bytes new_image, const DiffOptions& options) {
    SbdOptions request;
    request.budget = budget_of(options.ram_bytes);
    if (options.segment_bytes != 0) {
        if (options.segment_bytes < sbd::min_segment_bytes) throw OptionError("segments of sbd have 1K at least");
        request.segment_bytes = options.segment_bytes;
    }
    if (options.level != 0) request.level = options.level;
    request.pace = pace_of(speed_of(options.speed));
    if (options.in_place) {
        if (options.memory_bytes == 0 || options.memory_bytes >> 31 != 0)
            throw OptionError("an update in place needs --memory: the bytes of flash that both images share");
        request.in_place = InPlace{.memory_bytes = static_cast<std::uint32_t>(options.memory_bytes)};
    }
    request.threads = options.threads;
    request.progress = [&](double fraction) { report(options, 0.9 * fraction); };
    Patch patch;
    patch.bytes = encode_sbd(old, new_image, request).patch();
    patch.format = "sbd";
    patch.payload = PayloadFormat::sbd;
    patch.decoder_ram_bytes = sbd::budget_bytes(request.budget);
    return patch;
}

bool recognises(Bytes head) {
    return head.size() >= sbd::fixed_bytes && sbd::preamble_bytes(head.first(sbd::fixed_bytes)).has_value();
}

std::vector<std::uint8_t> read_all(Reader& from) {
    std::vector<std::uint8_t> all(from.bytes());
    if (const auto read = from.read(0, all); !read) refuse(read.error(), 0);
    return all;
}

void apply(Reader& old, Reader& patch, Sink& out) {
    out.write(decode_sbd(read_all(old), read_all(patch)).image);
}

PatchInfo inspect(Bytes patch) {
    return info_of(explain_sbd(patch));
}

}  // namespace

std::ptrdiff_t sbd_preamble_bytes(Bytes patch) {
    return open_sbd(patch).preamble_bytes;
}

constinit const Format sbd_format{"sbd",  compressions, "our own: addresses rewritten, predictions mixed; the smallest",
                                  encode, recognises,   apply,
                                  inspect};

}  // namespace sb::diff
