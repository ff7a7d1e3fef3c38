#include "core/stage0/seal.hpp"

#include "core/base/crc32.hpp"

namespace sb {

namespace {

constexpr std::uint32_t magic = 0x73304253;  // "SB0s"
constexpr std::uint32_t seal_bytes = 20;
constexpr std::uint32_t crc_at = 16;
constexpr std::uint32_t seals = 2;

std::uint32_t stride(const Region& copy) {
    const std::uint32_t granule = copy.granule();
    return (seal_bytes + granule - 1) / granule * granule;
}

/// Of the first `bytes` of `copy`, or nothing where they cannot be read.
std::optional<std::uint32_t> crc_of(const Region& copy, std::uint32_t bytes) {
    std::array<std::uint8_t, 64> piece;
    std::uint32_t crc = 0;
    for (std::uint32_t at = 0; at < bytes;) {
        const std::uint32_t length = bytes - at < piece.size() ? bytes - at : std::uint32_t{piece.size()};
        if (!copy.read(at, MutableBytes(piece).first(length))) return std::nullopt;
        crc = crc32(Bytes(piece).first(length), crc);
        at += length;
    }
    return crc;
}

}  // namespace

std::uint32_t seals_bytes(const Region& copy) {
    return seals * stride(copy);
}

std::optional<Seal> read_seal(const Region& copy) {
    std::array<std::uint8_t, seal_bytes> bytes;
    for (std::uint32_t at = copy.bytes() - seals_bytes(copy); at < copy.bytes(); at += stride(copy)) {
        if (!copy.read(at, bytes) || load_le<std::uint32_t>(bytes) != magic) continue;
        if (load_le<std::uint32_t>(bytes, crc_at) != crc32(Bytes(bytes).first(crc_at))) continue;
        const Seal seal{load_le<std::uint32_t>(bytes, 4), load_le<std::uint32_t>(bytes, 8),
                        load_le<std::uint32_t>(bytes, 12)};
        if (seal.image_bytes != 0 && seal.image_bytes <= copy.bytes() - seals_bytes(copy)) return seal;
    }
    return std::nullopt;
}

bool image_matches(const Region& copy, const Seal& seal) {
    return crc_of(copy, seal.image_bytes) == seal.image_crc;
}

Result<void> unseal(const Region& copy) {
    for (std::uint32_t at = copy.bytes() - seals_bytes(copy); at < copy.bytes();) {
        const EraseUnit unit = copy.unit_at(at);
        SB_TRY(copy.erase(unit.offset));
        at = unit.offset + unit.bytes;
    }
    return {};
}

Result<void> seal(const Region& copy, std::uint32_t number, std::uint32_t image_bytes) {
    const std::uint32_t room = copy.bytes() - seals_bytes(copy);
    if (image_bytes == 0 || image_bytes > room || stride(copy) > max_seal_granule) return fail(Error::out_of_range);
    const std::optional<std::uint32_t> crc = crc_of(copy, image_bytes);
    if (!crc) return fail(Error::unreadable);
    std::array<std::uint8_t, max_seal_granule> bytes;
    bytes.fill(copy.geometry().erased);
    store_le(bytes, 0, magic);
    store_le(bytes, 4, number);
    store_le(bytes, 8, image_bytes);
    store_le(bytes, 12, *crc);
    store_le(bytes, crc_at, crc32(Bytes(bytes).first(crc_at)));
    for (std::uint32_t at = room; at < copy.bytes(); at += stride(copy)) {
        SB_TRY(copy.program(at, Bytes(bytes).first(stride(copy))));
        std::array<std::uint8_t, seal_bytes> seen;
        SB_TRY(copy.read(at, seen));
        if (!equal(seen, Bytes(bytes).first(seal_bytes))) return fail(Error::readback);
    }
    return {};
}

}  // namespace sb
