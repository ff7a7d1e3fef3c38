#include "tools/diff/sbd/fast_encoder.hpp"

#include <algorithm>
#include <stdexcept>

#include "ports/host/openssl_crypto.hpp"
#include "tools/diff/codec_mixed.hpp"
#include "tools/diff/codec_zstd.hpp"
#include "tools/diff/parallel.hpp"
#include "tools/diff/sbd/fast_header.hpp"
#include "tools/diff/sbd/fast_pages.hpp"
#include "tools/diff/sbd/varints.hpp"

namespace sb::diff {
namespace {

using Parts = std::array<std::vector<std::uint8_t>, fast_parts>;

std::vector<std::uint8_t>& of(Parts& parts, FastPart part) {
    return parts[static_cast<std::size_t>(part)];
}

struct FastEffort {
    unsigned turns;  ///< of choosing covers
    Packing packing;
    int zstd_level;  ///< 0: the highest
};
FastEffort effort_of(unsigned level) {
    constexpr std::array<FastEffort, 3> quick{{{1, Packing::zstd, 9}, {1, Packing::zstd, 19}, {2, Packing::zstd, 0}}};
    if (level <= quick.size()) return quick[std::max(level, 1U) - 1];
    constexpr unsigned smallest = 7;
    return {level < smallest ? 2U : 3U, Packing::mixed, 0};
}

std::array<std::uint8_t, 4> short_digest(Bytes image) {
    OpensslCrypto crypto;
    const Digest digest = sha256(crypto, image);
    return {digest[0], digest[1], digest[2], digest[3]};
}

sbd::Plan plan_of(const ImageDescription& description, Bytes old, Bytes new_image) {
    sbd::Plan plan;
    plan.budget = sbd::Budget::k32;
    plan.ground = ground_of(description, old, new_image);
    plan.flags = static_cast<std::uint8_t>(plan.ground.architecture);
    if (plan.ground.architecture != sbd::Architecture::none) plan.flags |= sbd::own_spaces;
    plan.old_digest = short_digest(old);
    plan.new_digest = short_digest(new_image);
    return plan;
}

/// Covers, and what they leave.
void write_covers(Bytes new_image, std::span<const MapBlock> covers, Parts& to) {
    std::uint32_t end = 0, diagonal = 0;
    auto& extra = of(to, FastPart::extra);
    const auto carry = [&](std::uint32_t until) {
        const Bytes carried = new_image.subspan(end, until - end);
        extra.insert(extra.end(), carried.begin(), carried.end());
    };
    for (const MapBlock& cover : covers) {
        append_varint(of(to, FastPart::gaps), cover.new_at - end);
        append_varint(of(to, FastPart::lengths), cover.bytes);
        append_varint(of(to, FastPart::diagonals), folded(cover.diagonal() - diagonal));
        carry(cover.new_at);
        diagonal = cover.diagonal();
        end = cover.new_at + cover.bytes;
    }
    carry(static_cast<std::uint32_t>(new_image.size()));
}

/// How types are numbered anew, for the decoder, and what it then knows.
std::optional<TypeMap> write_types(const std::optional<TypePair>& types, std::span<const MapBlock> covers, Parts& to) {
    auto& part = of(to, FastPart::types);
    if (!types) {
        append_varint(part, 0);
        return std::nullopt;
    }
    const std::vector<TypeStep> steps = type_steps(*types, covers);
    const TypeTablePlace &old_place = types->of_old.table().place(), &new_place = types->of_new.table().place();
    append_varint(part, static_cast<std::uint32_t>(steps.size()) + 1);
    append_varint(part, old_place.header_at);
    append_varint(part, new_place.strings_at);
    append_type_steps(part, steps);
    return std::optional<TypeMap>(std::in_place, types->of_old.table(), new_place.strings_at, steps);
}

/// What covers predict wrongly; says how many bytes that are.
std::uint32_t write_fixes(Bytes new_image, Bytes predicted, std::span<const MapBlock> covers, Parts& to) {
    std::uint32_t end = 0, count = 0;
    for (const MapBlock& cover : covers) {
        for (std::uint32_t at = cover.new_at; at < cover.new_at + cover.bytes; ++at) {
            if (predicted[at] == new_image[at]) continue;
            append_varint(of(to, FastPart::distances), at - end);
            of(to, FastPart::fixes).push_back(static_cast<std::uint8_t>(new_image[at] - predicted[at]));
            end = at + 1;
            ++count;
        }
    }
    return count;
}

/// By zstd, and by mixing where that may be and is smaller.
PackedPart pack_part(Bytes plain, const FastEffort& effort) {
    PackedPart packed{Packing::zstd, pack_zstd(plain, {effort.zstd_level, fast_window_log2})};
    if (effort.packing != Packing::mixed) return packed;
    std::vector<std::uint8_t> mixed = pack_mixed(plain);
    if (mixed.size() < packed.bytes.size()) packed = {Packing::mixed, std::move(mixed)};
    return packed;
}

}  // namespace

std::vector<std::uint8_t> encode_fast(Bytes old, Bytes new_image, const FastOptions& options) {
    if ((old.size() | new_image.size()) >> 30 != 0) throw std::length_error("an image of sbd has less than 1 GiB");
    const auto report = [&](double fraction) {
        if (options.progress) options.progress(fraction);
    };
    const FastEffort effort = effort_of(options.level);
    const std::optional<TypePair> types = find_types(old, new_image);
    const FastCovers found = choose_fast_covers(
        old, new_image, types ? &*types : nullptr,
        {effort.turns, options.threads, options.description, [&](double fraction) { report(0.9 * fraction); }});
    const sbd::Plan plan = plan_of(found.description, old, new_image);
    const AddressSteps steps(found.covers);
    Parts parts;
    const std::optional<TypeMap> type_map = write_types(types, found.covers, parts);
    const Rewriter rewriter(plan.ground, steps, type_map ? &*type_map : nullptr);
    const std::vector<Reading> pages = choose_pages(old, new_image, found.covers, rewriter).pages;

    write_covers(new_image, found.covers, parts);
    std::ranges::transform(pages, std::back_inserter(of(parts, FastPart::pages)),
                           [](Reading reading) { return static_cast<std::uint8_t>(reading); });
    const auto covers = static_cast<std::uint32_t>(found.covers.size());
    const std::uint32_t fixes =
        write_fixes(new_image, predicted(old, new_image.size(), found.covers, pages, rewriter), found.covers, parts);
    std::array<PackedPart, fast_parts> packed;
    run_parallel(fast_parts, thread_count(options.threads),
                 [&](std::size_t part) { packed[part] = pack_part(parts[part], effort); });
    report(1);
    return write_fast_patch(plan, {covers, fixes}, packed);
}

}  // namespace sb::diff
