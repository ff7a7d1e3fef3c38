#include "tools/diff/sbd/fast_header.hpp"

#include <algorithm>
#include <numeric>

#include "tools/diff/format.hpp"
#include "tools/diff/sbd/preamble_writer.hpp"
#include "tools/diff/sbd/varints.hpp"

namespace sb::diff {
namespace {

constexpr std::size_t kind_at = 2;

std::uint8_t with_version(std::uint8_t kind, std::uint8_t version) {
    return static_cast<std::uint8_t>((kind & 0x0fU) | std::uint32_t{version} << 4);
}

void read_preamble(Bytes head, FastHeader& to) {
    if (head.size() < sbd::fixed_bytes) refuse(Error::truncated, head.size());
    if (!is_fast_form(head)) refuse(Error::malformed, 0);
    std::vector<std::uint8_t> preamble(head.begin(), head.begin() + sbd::fixed_bytes);
    preamble[kind_at] = with_version(preamble[kind_at], sbd::version);
    const auto bytes = sbd::preamble_bytes(preamble);
    if (!bytes) refuse(bytes.error(), 0);
    if (*bytes > head.size()) refuse(Error::truncated, head.size());
    to.preamble_bytes = *bytes;
    preamble.assign(head.begin(), head.begin() + *bytes);
    preamble[kind_at] = with_version(preamble[kind_at], sbd::version);
    const std::uint32_t arena = sbd::arena_bytes(sbd::Budget::k32);
    to.memory.resize(arena / sizeof(std::uint32_t));
    const MutableBytes memory(reinterpret_cast<std::uint8_t*>(to.memory.data()), arena);
    if (const Error error = sbd::prepare(preamble, memory, to.prepared); error != Error::none) refuse(error, 0);
    sbd::read_digests(preamble, to.prepared.plan);
    constexpr std::uint8_t other_form = sbd::stored | sbd::in_place | sbd::in_blocks;
    if ((to.prepared.plan.flags & other_form) != 0 || to.prepared.plan.segment_bytes != 0)
        refuse(Error::malformed, kind_at);
    if (to.ground().architecture > sbd::Architecture::tc32) refuse(Error::unsupported, kind_at);
}

}  // namespace

bool is_fast_form(Bytes head) {
    return head.size() >= sbd::fixed_bytes && equal(head.first(sbd::magic.size()), sbd::magic) &&
           head[kind_at] >> 4 == fast_version;
}

FastHeader read_fast_header(Bytes head, std::uint64_t patch_bytes) {
    FastHeader header;
    read_preamble(head, header);
    std::size_t at = header.preamble_bytes;
    const auto number = [&] {
        std::uint32_t value = 0;
        const auto next = [&]() -> std::uint8_t {
            if (at == head.size()) refuse(Error::truncated, at);
            return head[at++];
        };
        if (!read_varint(next, value)) refuse(Error::malformed, at);
        return value;
    };
    const std::uint32_t mixed = number();
    if (mixed >> fast_parts != 0) refuse(Error::unsupported, header.preamble_bytes);
    for (std::size_t part = 0; part < fast_parts; ++part)
        header.packing[part] = (mixed >> part & 1) != 0 ? Packing::mixed : Packing::zstd;
    header.covers = number();
    header.fixes = number();
    for (std::uint32_t& bytes : header.packed_bytes) bytes = number();
    header.bytes = static_cast<std::uint32_t>(at);
    if (header.covers > most_covers) refuse(Error::too_large, header.preamble_bytes);
    const auto& sizes = header.packed_bytes;
    const std::uint64_t all = std::accumulate(sizes.begin(), sizes.end(), std::uint64_t{at});
    if (all > patch_bytes) refuse(Error::truncated, patch_bytes);
    if (all < patch_bytes) refuse(Error::trailing_data, all);
    return header;
}

std::vector<std::uint8_t> write_fast_patch(const sbd::Plan& plan, const FastCounts& counts,
                                           const std::array<PackedPart, fast_parts>& parts) {
    std::vector<std::uint8_t> patch = write_preamble(plan, {});
    patch[kind_at] = with_version(patch[kind_at], fast_version);
    std::uint32_t mixed = 0;
    for (std::size_t part = 0; part < fast_parts; ++part)
        mixed |= (parts[part].packing == Packing::mixed ? 1U : 0U) << part;
    append_varint(patch, mixed);
    append_varint(patch, counts.covers);
    append_varint(patch, counts.fixes);
    for (const PackedPart& part : parts) append_varint(patch, static_cast<std::uint32_t>(part.bytes.size()));
    for (const PackedPart& part : parts) patch.insert(patch.end(), part.bytes.begin(), part.bytes.end());
    return patch;
}

}  // namespace sb::diff
