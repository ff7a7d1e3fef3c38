#include "core/stage0/seal.hpp"

#include "core/base/crc32.hpp"

namespace sb {

namespace {

constexpr std::uint32_t magic = 0x73304253;  // "SB0s"
constexpr std::uint32_t seal_bytes = 20;
constexpr std::uint32_t crc_at = 16;
constexpr std::uint32_t places = 6;  // three pairs

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

std::uint32_t offset_of(const Region& copy, std::uint32_t place) {
    return copy.bytes() - (places - place) * stride(copy);
}

std::optional<Seal> seal_at(const Region& copy, std::uint32_t place) {
    std::array<std::uint8_t, seal_bytes> bytes;
    if (!copy.read(offset_of(copy, place), bytes) || load_le<std::uint32_t>(bytes) != magic) return std::nullopt;
    if (load_le<std::uint32_t>(bytes, crc_at) != crc32(Bytes(bytes).first(crc_at))) return std::nullopt;
    const Seal seal{load_le<std::uint32_t>(bytes, 4), load_le<std::uint32_t>(bytes, 8),
                    load_le<std::uint32_t>(bytes, 12)};
    if (seal.image_bytes == 0 || seal.image_bytes > copy.bytes() - seals_bytes(copy)) return std::nullopt;
    return seal;
}

Result<void> put(const Region& copy, std::uint32_t place, const Seal& seal) {
    std::array<std::uint8_t, max_seal_granule> bytes;
    bytes.fill(copy.geometry().erased);
    store_le(bytes, 0, magic);
    store_le(bytes, 4, seal.number);
    store_le(bytes, 8, seal.image_bytes);
    store_le(bytes, 12, seal.image_crc);
    store_le(bytes, crc_at, crc32(Bytes(bytes).first(crc_at)));
    SB_TRY(copy.program(offset_of(copy, place), Bytes(bytes).first(stride(copy))));
    return seal_at(copy, place) == seal ? Result<void>{} : fail(Error::readback);
}

}  // namespace

std::uint32_t seals_bytes(const Region& copy) {
    return places * stride(copy);
}

std::optional<Seal> read_seal(const Region& copy) {
    for (std::uint32_t place = 0; place < places; ++place)
        if (const std::optional<Seal> seal = seal_at(copy, place)) return seal;
    return std::nullopt;
}

bool image_matches(const Region& copy, const Seal& seal) {
    return crc_of(copy, seal.image_bytes) == seal.image_crc;
}

/// The second of a pair is begun when the first stands. One that no second follows may be what a cut left of it: then
/// what this session writes is what counts, into pairs that were kept free, or in the worst case wherever there is
/// room.
Result<Seal> prove_seal(const Region& copy) {
    const std::optional<Seal> own = read_seal(copy);
    if (!own) return fail(Error::bad_state);
    if (seal_at(copy, 1) || seal_at(copy, 3) || seal_at(copy, 5)) return *own;
    for (const std::uint32_t place : {2U, 4U, 1U, 3U, 5U}) {
        if (seal_at(copy, place) || !put(copy, place, *own)) continue;
        // So that the next session finds it proven; this one does without.
        if (place % 2 != 0) return *own;
        [[maybe_unused]] const Result<void> second = put(copy, place + 1, *own);
        return *own;
    }
    return fail(Error::readback);
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
    const Seal made{number, image_bytes, *crc};
    SB_TRY(put(copy, 0, made));
    return put(copy, 1, made);
}

}  // namespace sb
