// ENDSLEY/BSDIFF43: one stream of covers, plain or in LZMA segments.
#include <algorithm>
#include <array>

#include "core/delta/endsley_stream.hpp"
#include "core/delta/factory.hpp"
#include "core/delta/lzma_segments.hpp"
#include "tools/diff/container.hpp"
#include "tools/diff/endsley_writer.hpp"
#include "tools/diff/format.hpp"
#include "tools/diff/segments.hpp"

namespace sb::diff {
namespace {

constexpr std::array<std::string_view, 2> compressions{"lzma", "none"};

/// Above these, a try costs a noticeable part of a second, or seconds.
constexpr std::size_t thorough_bytes = std::size_t{256} << 10;
constexpr std::size_t large_bytes = std::size_t{4} << 20;

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
        patch.format = "endsley";
        patch.payload = PayloadFormat::endsley;
        append(patch.bytes, text.bytes);
        return patch;
    }
    const unsigned log2 = useful_dictionary_log2(text.cuts, limit);
    append(patch.bytes, write_lzma_segments(text.bytes, text.cuts, log2, effort_for(text.bytes.size())));
    patch.format = "endsley+lzma";
    patch.payload = PayloadFormat::endsley_lzma;
    patch.decoder_ram_bytes = decoder_ram_bytes(PayloadFormat::endsley_lzma, 1U << log2);
    return patch;
}

std::uint64_t take_number(Bytes stream, std::size_t at) {
    const auto number = load_signed_magnitude(stream.subspan(at, 8));
    if (!number) throw PatchError(number.error(), at, "a size of 4 GiB or more");
    return number->magnitude;
}

std::uint32_t take_seek(Bytes stream, std::size_t at) {
    const auto number = load_signed_magnitude(stream.subspan(at, 8));
    if (!number) throw PatchError(number.error(), at, "a seek of 4 GiB or more");
    return number->negative ? 0U - number->magnitude : number->magnitude;
}

/// Follows the triples of an instruction stream. Offsets in errors are those of the unpacked stream.
void read_triples(Bytes stream, PatchInfo& info) {
    std::uint64_t new_at = 0;
    std::uint32_t old_at = 0;  // modulo 2^32, as the decoder counts
    for (std::size_t at = 0; at < stream.size();) {
        if (stream.size() - at < endsley_triple_bytes)
            throw PatchError(Error::truncated, at, "the patch ends inside a triple");
        const std::uint64_t diff = take_number(stream, at);
        const std::uint64_t extra = take_number(stream, at + 8);
        const std::uint32_t seek = take_seek(stream, at + 16);
        at += endsley_triple_bytes;
        if (diff > stream.size() - at || extra > stream.size() - at - diff)
            throw PatchError(Error::truncated, at, "the patch ends inside the bytes of a triple");
        const Bytes differences = stream.subspan(at, diff);
        const auto unchanged = static_cast<std::uint64_t>(std::ranges::count(differences, 0));
        if (diff != 0) info.covers.push_back({new_at, old_at, diff, unchanged});
        info.extra_bytes += extra;
        new_at += diff + extra;
        old_at += static_cast<std::uint32_t>(diff) + seek;
        at += diff + extra;
    }
    if (new_at != info.new_bytes)
        throw PatchError(Error::malformed, endsley_magic.size(), "the header announces another size than is made");
}

bool recognises(Bytes head) {
    return begins_with(head, endsley_magic);
}

/// A plain stream begins with a triple, whose first number would be beyond 4 GiB if it looked like a container.
bool is_packed(Bytes head) {
    return head.size() > endsley_header_bytes && begins_with(head.subspan(endsley_header_bytes), lzma_segments_magic);
}

std::string_view full_name(Bytes head) {
    return is_packed(head) ? "endsley+lzma" : "endsley";
}

std::uint32_t announced_bytes(Bytes head) {
    if (head.size() < endsley_header_bytes) refuse(Error::truncated, head.size());
    const auto bytes = parse_endsley_header(head.first(endsley_header_bytes));
    if (!bytes) refuse(bytes.error(), endsley_magic.size());
    constexpr std::array<std::uint8_t, 3> bzip2{'B', 'Z', 'h'};
    if (begins_with(head.subspan(endsley_header_bytes), bzip2))
        throw PatchError(Error::unsupported, endsley_header_bytes, "ENDSLEY/BSDIFF43 packed with bzip2 is not read");
    return *bytes;
}

void apply(Reader& old, Reader& patch, Sink& out) {
    const auto head = read_head(patch, 64);
    const std::uint32_t bytes = announced_bytes(head);
    const PayloadFormat payload = is_packed(head) ? PayloadFormat::endsley_lzma : PayloadFormat::endsley;
    apply_on_device_decoder(payload, bytes, old, patch, out);
}

PatchInfo inspect(Bytes patch) {
    PatchInfo info;
    info.new_bytes = announced_bytes(patch);
    info.blocks = {{"header", endsley_header_bytes, endsley_header_bytes}};
    const Bytes stream = patch.subspan(endsley_header_bytes);
    if (!is_packed(patch)) {
        info.payload = PayloadFormat::endsley;
        info.format = "endsley";
        info.blocks.push_back({"triples, differences and extra bytes", stream.size(), stream.size()});
        read_triples(stream, info);
        return info;
    }
    const ContainerInfo container = read_container(stream, endsley_header_bytes);
    info.payload = PayloadFormat::endsley_lzma;
    info.format = "endsley+lzma";
    info.dictionary_bytes = container.dictionary_bytes;
    info.decoder_ram_bytes = decoder_ram_bytes(PayloadFormat::endsley_lzma, container.dictionary_bytes);
    info.segments = container.segments;
    info.blocks.push_back({"triples, differences and extra bytes", stream.size(), container.plain_bytes});
    read_triples(unpack_container(stream, container, endsley_header_bytes), info);
    return info;
}

}  // namespace

constinit const Format endsley_format{
    "endsley", compressions, "ENDSLEY/BSDIFF43: one stream of covers, packed for devices", encode_endsley, recognises,
    apply,     inspect,      full_name};

}  // namespace sb::diff
