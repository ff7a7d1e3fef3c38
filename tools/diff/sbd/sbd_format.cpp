// sbd, our own format: one source pointer, predicted bytes, context mixing; and its fast form for large images on
// hosts (docs/sbd.md).
#include <array>

#include "tools/diff/format.hpp"
#include "tools/diff/sbd/encoder.hpp"
#include "tools/diff/sbd/explain.hpp"
#include "tools/diff/sbd/fast_decoder.hpp"
#include "tools/diff/sbd/fast_encoder.hpp"
#include "tools/diff/sbd/fast_header.hpp"
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

/// Whether these options ask for the fast form: for a host, which a large image is for unless an option speaks of a
/// device; of images of a few MB only at levels that are quick.
bool asks_for_fast_form(const DiffOptions& options, std::size_t new_bytes) {
    constexpr std::size_t large = std::size_t{1} << 20, very_large = std::size_t{4} << 20;
    constexpr unsigned last_quick_level = 3;
    if (options.in_place) return false;
    const bool quick = options.level != 0 && options.level <= last_quick_level;
    const bool for_linux = options.speed == "linux";
    if (for_linux && quick) return true;
    const bool for_device =
        options.ram_bytes != 0 || options.segment_bytes != 0 || (!options.speed.empty() && !for_linux);
    return !for_device && new_bytes >= (quick ? large : very_large);
}

constexpr unsigned usual_level = 6;

Patch encode_in_fast_form(Bytes old, Bytes new_image, const DiffOptions& options) {
    if (options.ram_bytes != 0 || options.segment_bytes != 0)
        throw OptionError("levels 1 to 3 for linux make no patch for devices: leave --ram and --segment out");
    FastOptions request;
    request.level = options.level == 0 ? usual_level : options.level;
    request.threads = options.threads;
    request.progress = [&](double fraction) { report(options, 0.9 * fraction); };
    if (options.old_table != nullptr && options.new_table != nullptr)
        request.description = describe(old, new_image, *options.old_table, *options.new_table);
    Patch patch;
    patch.bytes = encode_fast(old, new_image, request);
    patch.format = fast_form_name;
    return patch;
}

Patch encode(Bytes old, Bytes new_image, const DiffOptions& options) {
    static_cast<void>(speed_of(options.speed));
    if (asks_for_fast_form(options, new_image.size())) return encode_in_fast_form(old, new_image, options);
    SbdOptions request;
    request.budget = budget_of(options.ram_bytes);
    if (options.segment_bytes != 0) {
        if (options.segment_bytes < sbd::min_segment_bytes) throw OptionError("segments of sbd have 1K at least");
        request.segment_bytes = options.segment_bytes;
    }
    if (options.level != 0) request.level = options.level;
    if (options.preamble_bytes != 0) request.preamble_bytes = options.preamble_bytes;
    if (options.old_table != nullptr && options.new_table != nullptr)
        request.description = describe(old, new_image, *options.old_table, *options.new_table);
    request.paces = paces_of(speed_of(options.speed));
    if (options.in_place) {
        if (options.memory_bytes == 0 || options.memory_bytes >> 31 != 0)
            throw OptionError("an update in place needs --memory: the bytes of flash that both images share");
        request.in_place = InPlace{.memory_bytes = static_cast<std::uint32_t>(options.memory_bytes),
                                   .erase_bytes = options.erase_bytes};
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

[[gnu::hot]] bool recognises(Bytes head) {
    if (is_fast_form(head)) return true;
    return head.size() >= sbd::fixed_bytes && sbd::preamble_bytes(head.first(sbd::fixed_bytes)).has_value();
}

std::string_view full_name(Bytes head) {
    return is_fast_form(head) ? fast_form_name : "sbd";
}

std::vector<std::uint8_t> read_all(Reader& from) {
    std::vector<std::uint8_t> all(from.bytes());
    if (const auto read = from.read(0, all); !read) refuse(read.error(), 0);
    return all;
}

void apply(Reader& old, Reader& patch, Sink& out) {
    if (is_fast_form(read_head(patch, sbd::fixed_bytes))) return apply_fast(old, patch, out);
    out.write(decode_sbd(read_all(old), read_all(patch)).image);
}

PatchInfo inspect(Bytes patch) {
    if (is_fast_form(patch)) return inspect_fast(patch);
    return info_of(explain_sbd(patch));
}

}  // namespace

std::ptrdiff_t sbd_preamble_bytes(Bytes patch) {
    return open_sbd(patch).preamble_bytes;
}

constinit const Format sbd_format{
    "sbd",   compressions, "our own: addresses rewritten, predictions mixed; the smallest", encode, recognises, apply,
    inspect, full_name};

}  // namespace sb::diff
