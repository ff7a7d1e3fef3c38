// What only those need who have a patch in one piece: a device has its preamble apart, and whole.
#include "core/delta/sbd/plan.hpp"
#include "core/delta/sbd/preamble_reader.hpp"

namespace sb::sbd {

Result<std::uint32_t> preamble_bytes(Bytes patch) {
    if (patch.size() < fixed_bytes) return fail(Error::truncated);
    if (!equal(patch.first(magic.size()), magic)) return fail(Error::malformed);
    if (patch[2] >> 4 != version) return fail(Error::unsupported);
    PreambleReader in(patch.subspan(3, 2));
    const std::uint32_t bytes = in.varint();
    const std::uint32_t all = 3 + (bytes < 0x80 ? 1 : 2) + bytes;
    if (!in.ok() || bytes < digests_bytes || all > max_preamble_bytes) return fail(Error::too_large);
    return all;
}

void read_digests(Bytes preamble, Plan& plan) {
    const Bytes body = preamble.subspan(preamble[3] < 0x80 ? 4 : 5);
    copy(plan.old_digest, body.first(plan.old_digest.size()));
    copy(plan.new_digest, body.subspan(plan.old_digest.size(), plan.new_digest.size()));
}

Result<PatchSizes> read_sizes(Bytes preamble) {
    PreambleReader in(preamble.subspan(preamble[3] < 0x80 ? 4 : 5).subspan(digests_bytes));
    const std::uint32_t flags = in.byte();
    const std::uint32_t old_bytes = in.varint();
    const std::uint32_t new_bytes = old_bytes + in.difference();
    if (!in.ok() || (old_bytes | new_bytes) >> 30 != 0) return fail(Error::malformed);
    return PatchSizes{static_cast<Budget>(preamble[2] & 3U), (flags & stored) != 0 ? 0 : old_bytes, new_bytes};
}

}  // namespace sb::sbd
