#include "ports/identity.hpp"

#include "core/base/crc32.hpp"

namespace sb {

Result<Identity> read_identity(const Region& boot, Crypto& crypto) {
    constexpr std::array<std::uint8_t, 4> magic = {'S', 'B', 'i', 'd'};
    std::array<std::uint8_t, identity_bytes> bytes;
    if (boot.bytes() < identity_bytes) return fail(Error::out_of_range);
    SB_TRY(boot.read(boot.bytes() - identity_bytes, bytes));
    const Bytes all(bytes);
    if (!equal(all.first(magic.size()), magic)) return fail(Error::malformed);
    if (crc32(all.first(identity_bytes - 4)) != load_le<std::uint32_t>(all, identity_bytes - 4))
        return fail(Error::bad_digest);
    Identity identity{};
    copy(identity.vendor, all.subspan(4, 16));
    copy(identity.device_class, all.subspan(20, 16));
    copy(identity.key.key, all.subspan(36, 64));
    identity.key.hash = key_hash(crypto, identity.key.key);
    return identity;
}

}  // namespace sb
