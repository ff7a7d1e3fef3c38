// HDiffPatch's formats: HDIFF13 (parts) and HDIFFSF20 (steps), as hpatchz reads them.
#include <algorithm>
#include <array>

#include "core/delta/factory.hpp"
#include "core/delta/hdiff_parts.hpp"
#include "core/delta/hdiff_steps.hpp"
#include "tools/diff/format.hpp"
#include "tools/diff/hdiff_codec.hpp"
#include "tools/diff/hdiff_encoder.hpp"
#include "tools/diff/hdiff_inspect.hpp"
#include "tools/diff/hdiff_writer.hpp"

namespace sb::diff {
namespace {

/// No host gives more to a step; hdiffz takes 256 KB.
constexpr std::uint32_t most_step_bytes = 64U << 20;
/// Where the decoder's own error says nothing of the place.
constexpr std::uint64_t unknown_place = 0;

bool begins_with(Bytes head, std::string_view magic) {
    return head.size() >= magic.size() && std::equal(magic.begin(), magic.end(), head.begin());
}

bool is_parts(Bytes head) {
    return begins_with(head, hdiff_parts_magic);
}

[[gnu::hot]] bool recognises(Bytes head) {
    return is_parts(head) || begins_with(head, hdiff_steps_name);
}

/// `hdiff` answers for all of them.
[[gnu::hot]] bool recognises_none(Bytes) {
    return false;
}

HdiffCodec codec_of(std::string_view name, std::size_t magic_bytes) {
    if (const auto codec = hdiff_codec_in_patch(name)) return *codec;
    throw PatchError(Error::unsupported, magic_bytes,
                     "the patch is packed with '" + std::string(name) +
                         "', which is not read here; read are zlib, lzma, lzma2, zstd and bz2");
}

void check_old(const Reader& old, std::uint32_t announced) {
    if (old.bytes() == announced) return;
    throw PatchError(Error::wrong_source, unknown_place,
                     "the patch is made for an old image of " + std::to_string(announced) + " bytes, this one has " +
                         std::to_string(old.bytes()));
}

void apply_parts(Reader& old, Reader& patch, Sink& out) {
    const auto head = read_head(patch, hdiff_max_header_bytes);
    const auto header = parse_hdiff_parts_header(head, patch.bytes());
    if (!header) refuse(header.error(), unknown_place);
    const HdiffCodec codec = codec_of(header->compression, hdiff_parts_magic.size());
    check_old(old, header->old_bytes);
    std::uint32_t at = header->bytes;
    const auto next = [&at](const HdiffPart& part) {
        const std::uint32_t from = at;
        at += part.stored_bytes();
        return from;
    };
    HdiffPartReader cover_numbers(patch, next(header->cover_numbers), header->cover_numbers, codec);
    HdiffPartReader runs(patch, next(header->runs), header->runs, codec);
    HdiffPartReader values(patch, next(header->values), header->values, codec);
    HdiffPartReader fresh(patch, next(header->fresh), header->fresh, codec);
    HdiffPartsDecoder decoder(*header, old, {cover_numbers, runs, values, fresh});
    run_decoder(decoder, out);
}

/// Feeds the device's decoder what comes out of the decompressor, behind a header that says that nothing is packed.
void run_unpacked(Decoder& decoder, const HdiffStepsHeader& header, ByteStream& body, Sink& out) {
    std::vector<std::uint8_t> in(hdiff_steps_magic.begin(), hdiff_steps_magic.end());
    for (const std::uint32_t number :
         {header.new_bytes, header.old_bytes, header.covers, header.step_bytes, header.steps.plain_bytes, 0U})
        put_hdiff_number(in, number);
    std::vector<std::uint8_t> room(1U << 16);
    Bytes held = in;
    for (bool more = true;;) {
        const auto progress = decoder.decode(held, room);
        if (!progress) refuse(progress.error(), header.bytes);
        held = held.subspan(progress->consumed);
        out.write(Bytes(room).first(progress->produced));
        if (progress->done) more = true;
        if (!progress->done && (progress->consumed != 0 || progress->produced != 0)) continue;
        if (!more) refuse(Error::truncated, header.bytes);
        in.resize(1U << 16);  // what was held is used: a decoder that waits has taken all
        const auto count = body.read(in);
        if (!count) refuse(count.error(), header.bytes);
        if (progress->done) {
            if (*count != 0) refuse(Error::trailing_data, header.bytes);
            return;
        }
        more = *count != 0;
        held = Bytes(in).first(*count);
    }
}

void apply_steps(Reader& old, Reader& patch, Sink& out) {
    const auto head = read_head(patch, hdiff_max_header_bytes);
    const auto header = parse_hdiff_steps_header(head, patch.bytes());
    if (!header) refuse(header.error(), unknown_place);
    const HdiffCodec codec = codec_of(header->compression, hdiff_steps_name.size());
    check_old(old, header->old_bytes);
    if (header->step_bytes > most_step_bytes)
        throw PatchError(Error::too_large, unknown_place, "the patch needs more than 64 MiB of memory for a step");
    std::vector<std::uint8_t> work(header->step_bytes);
    HdiffStepsDecoder decoder(header->new_bytes, old, work);
    HdiffPartReader body(patch, header->bytes, header->steps, codec);
    run_unpacked(decoder, *header, body, out);
}

void apply(Reader& old, Reader& patch, Sink& out) {
    if (is_parts(read_head(patch, 64)))
        apply_parts(old, patch, out);
    else
        apply_steps(old, patch, out);
}

PatchInfo inspect(Bytes patch) {
    return is_parts(patch) ? inspect_hdiff_parts(patch) : inspect_hdiff_steps(patch);
}

Patch encode_either(Bytes old, Bytes new_image, const DiffOptions& options) {
    return encode_hdiff(old, new_image, std::nullopt, hdiff_codec(options.compress), options);
}

Patch encode_parts(Bytes old, Bytes new_image, const DiffOptions& options) {
    return encode_hdiff(old, new_image, HdiffForm::parts, hdiff_codec(options.compress), options);
}

Patch encode_steps(Bytes old, Bytes new_image, const DiffOptions& options) {
    return encode_hdiff(old, new_image, HdiffForm::steps, hdiff_codec(options.compress), options);
}

constexpr std::array<std::string_view, 6> compressions{"lzma2", "lzma", "zlib", "zstd", "bzip2", "none"};

}  // namespace

constinit const Format hdiff_format{
    "hdiff", compressions, "HDiffPatch, for hpatchz: the smaller of hdiff13 and hdiffsf", encode_either, recognises,
    apply,   inspect};
constinit const Format hdiff13_format{
    "hdiff13", compressions, "HDiffPatch's HDIFF13: parts, for hosts", encode_parts, recognises_none, apply, inspect};
constinit const Format hdiffsf_format{
    "hdiffsf",    compressions,    "HDiffPatch's HDIFFSF20: one stream of steps; with none for devices",
    encode_steps, recognises_none, apply,
    inspect};

}  // namespace sb::diff
