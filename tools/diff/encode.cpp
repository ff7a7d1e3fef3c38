#include <algorithm>
#include <array>

#include "core/delta/factory.hpp"
#include "tools/diff/endsley_writer.hpp"
#include "tools/diff/lzma_writer.hpp"
#include "tools/diff/patch.hpp"

namespace sb::diff {
namespace {

constexpr std::array<std::string_view, 2> endsley_compressions{"lzma", "none"};
constexpr std::array<std::string_view, 1> lzma_compressions{"lzma"};

std::size_t segment_length(std::size_t new_bytes, const DiffOptions& options) {
    if (options.segment_bytes != 0) return options.segment_bytes;
    return new_bytes < 128 * 1024 ? 0 : 64 * 1024;
}

unsigned dictionary_limit_log2(const DiffOptions& options) {
    if (options.ram_bytes != 0 && options.ram_bytes < 4096)
        throw OptionError("LZMA needs a dictionary of at least 4K: use --ram 4K, 8K or 16K");
    return options.ram_bytes == 0 || options.ram_bytes >= 16384 ? 14 : options.ram_bytes >= 8192 ? 13 : 12;
}

void report(const DiffOptions& options, double fraction) {
    if (options.progress) options.progress(fraction);
}

std::vector<std::size_t> even_cuts(std::size_t bytes, std::size_t segment_bytes) {
    std::vector<std::size_t> cuts;
    if (segment_bytes != 0)
        for (std::size_t at = segment_bytes; at < bytes; at += segment_bytes) cuts.push_back(at);
    if (bytes != 0) cuts.push_back(bytes);
    return cuts;
}

/// Above these, a try costs a noticeable part of a second, or seconds.
constexpr std::size_t thorough_bytes = std::size_t{256} << 10;
constexpr std::size_t large_bytes = std::size_t{4} << 20;

Effort effort_for(std::size_t bytes) {
    return bytes <= large_bytes ? Effort::all_settings : Effort::one_setting;
}

/// The ways to choose covers that are tried; what is smallest after packing wins. The first ones win most often.
struct Choice {
    std::size_t better_by;
    double cover_bytes;  ///< 0: no cover is dropped
};
constexpr Choice choices[] = {{6, 9}, {4, 6}, {8, 0}, {5, 9}, {4, 9}, {3, 9}, {4, 18}, {16, 6}};
constexpr std::size_t few_choices = 3;

EndsleyText choose_text(Bytes old, Bytes new_image, bool packed, unsigned limit_log2, const DiffOptions& options) {
    const SuffixIndex index(old);
    report(options, 0.1);
    MatchTable matches(index, new_image);
    const std::size_t segment = packed ? segment_length(new_image.size(), options) : 0;
    const std::size_t size = new_image.size();
    const std::size_t tries = size <= thorough_bytes ? std::size(choices) : size <= large_bytes ? few_choices : 1;
    EndsleyText best;
    std::size_t best_bytes = 0;
    for (std::size_t i = 0; i < tries; ++i) {
        const auto part = [&](double done) {
            report(options, 0.1 + 0.6 * (static_cast<double>(i) + done) / static_cast<double>(tries));
        };
        Covers covers = find_covers(old, new_image, matches, {choices[i].better_by}, part);
        if (choices[i].cover_bytes > 0)
            covers = drop_poor_covers(old, new_image, join_covers(old, new_image, covers), choices[i].cover_bytes);
        EndsleyText text = write_endsley(old, new_image, covers, segment);
        const unsigned log2 = useful_dictionary_log2(text.cuts, limit_log2);
        const std::size_t bytes =
            packed ? write_lzma_segments(text.bytes, text.cuts, log2, Effort::one_setting).size() : text.bytes.size();
        if (i == 0 || bytes < best_bytes) {
            best = std::move(text);
            best_bytes = bytes;
        }
    }
    return best;
}

void append(std::vector<std::uint8_t>& to, Bytes bytes) {
    to.insert(to.end(), bytes.begin(), bytes.end());
}

Patch encode_endsley(Bytes old, Bytes new_image, const DiffOptions& options) {
    const bool packed = options.compress != "none";
    const unsigned limit = packed ? dictionary_limit_log2(options) : 0;
    const EndsleyText text = choose_text(old, new_image, packed, limit, options);
    Patch patch;
    patch.bytes = endsley_header(new_image.size());
    if (!packed) {
        patch.format = PayloadFormat::endsley;
        append(patch.bytes, text.bytes);
        return patch;
    }
    const unsigned log2 = useful_dictionary_log2(text.cuts, limit);
    append(patch.bytes, write_lzma_segments(text.bytes, text.cuts, log2, effort_for(text.bytes.size())));
    patch.format = PayloadFormat::endsley_lzma;
    patch.decoder_ram_bytes = decoder_ram_bytes(patch.format, 1U << log2);
    return patch;
}

Patch encode_lzma(Bytes, Bytes new_image, const DiffOptions& options) {
    const auto cuts = even_cuts(new_image.size(), segment_length(new_image.size(), options));
    const unsigned log2 = useful_dictionary_log2(cuts, dictionary_limit_log2(options));
    Patch patch;
    patch.bytes = write_lzma_segments(new_image, cuts, log2, effort_for(new_image.size()));
    patch.format = PayloadFormat::lzma;
    patch.decoder_ram_bytes = decoder_ram_bytes(patch.format, 1U << log2);
    return patch;
}

constexpr FormatEntry entries[] = {
    {"endsley", endsley_compressions, "ENDSLEY/BSDIFF43: one stream of covers, packed for devices", encode_endsley},
    {"lzma", lzma_compressions, "no delta: the new image itself, packed for devices", encode_lzma},
};

const FormatEntry& entry_named(const std::string& name) {
    const auto found = std::ranges::find(entries, name, &FormatEntry::name);
    if (found != std::end(entries)) return *found;
    std::string known;
    for (const FormatEntry& entry : entries) known += (known.empty() ? "" : ", ") + std::string(entry.name);
    throw OptionError("patch format '" + name + "' is not offered; choose one of: " + known);
}

}  // namespace

std::span<const FormatEntry> formats() {
    return entries;
}

Patch make_patch(Bytes old, Bytes new_image, const DiffOptions& options) {
    const FormatEntry& entry = entry_named(options.format);
    if (!options.compress.empty() &&
        std::ranges::find(entry.compressions, options.compress) == entry.compressions.end())
        throw OptionError("patch format '" + options.format + "' has no compression '" + options.compress + "'");
    if (new_image.size() >> 31 != 0) throw std::length_error("the new image is 2 GiB or larger");
    Patch patch = entry.encode(old, new_image, options);
    report(options, 0.95);
    if (!equal(apply_patch(old, patch.bytes), new_image))
        throw std::runtime_error("the patch just made does not give the new image");
    report(options, 1);
    return patch;
}

}  // namespace sb::diff
