#include "core/image/image.hpp"

#include "core/image/der_signature.hpp"

namespace sb {

namespace {

// MCUboot, boot/bootutil/include/bootutil/image.h: magics, flags, TLV types.
constexpr std::uint32_t image_magic = 0x96F3B83D;
constexpr std::uint32_t flag_rom_fixed = 0x100;
constexpr std::uint16_t tlv_magic = 0x6907;
constexpr std::uint16_t tlv_protected_magic = 0x6908;
constexpr std::uint32_t tlv_head_bytes = 4;
constexpr std::uint32_t dependency_bytes = 12;

enum TlvType : std::uint16_t {
    tlv_key_hash = 0x01,
    tlv_public_key = 0x02,
    tlv_sha256 = 0x10,
    tlv_ecdsa = 0x22,
    tlv_dependency = 0x40,
    tlv_security_counter = 0x50,
};

// Walks an image once, from header to last TLV, and collects what it says and what it offers as proof.
class ImageParser {
    // The small members come first: a Cortex-M0 reaches the first 128 bytes of an object in one instruction.
    Reader& from_;
    KeyRing ring_;
    std::uint32_t at_ = 0;     ///< a head, or the value behind it
    std::uint32_t type_ = 0;   ///< of the entry at hand; of an area: its magic
    std::uint32_t bytes_ = 0;  ///< of its value; of an area: the whole of it
    std::uint32_t protected_bytes_ = 0;
    const TrustedKey* named_ = nullptr;  ///< by the last key TLV

public:
    ImageParser(Reader& from, KeyRing ring) : from_(from), ring_(ring) {}

    Result<void> run() {
        SB_TRY(header());
        if (protected_bytes_ != 0) {
            SB_TRY(area(tlv_protected_magic));
            if (at_ - info.protected_end != protected_bytes_) return fail(Error::malformed);
            info.protected_end = at_;
        }
        SB_TRY(area(tlv_magic));
        info.total_bytes = at_;
        return {};
    }

    const TrustedKey* key = nullptr;  ///< that made `signature`; null: none by a trusted key
    bool has_digest = false;
    bool has_signature = false;
    ImageInfo info;
    Digest digest{};
    Signature signature{};

private:
    Result<void> header();
    Result<void> area(std::uint16_t magic);
    Result<void> protected_entry();
    Result<void> entry();
    Result<void> name_key();
    Result<void> take_signature();
    Result<void> head(std::uint32_t end, Error when_short);
    Result<void> value_into(MutableBytes out);
};

Result<void> ImageParser::header() {
    std::array<std::uint8_t, image_header_bytes> h{};
    if (from_.bytes() < h.size()) return fail(Error::truncated);
    SB_TRY(from_.read(0, h));
    SB_TRY_ASSIGN(info, parse_image_header(h));
    protected_bytes_ = load_le<std::uint16_t>(h, 10);
    at_ = info.protected_end;
    if (at_ > from_.bytes()) return fail(Error::truncated);
    return {};
}

// Reads a head and moves behind it. Requires: at_ <= end.
Result<void> ImageParser::head(std::uint32_t end, Error when_short) {
    std::array<std::uint8_t, tlv_head_bytes> h{};
    if (end - at_ < h.size()) return fail(when_short);
    SB_TRY(from_.read(at_, h));
    at_ += tlv_head_bytes;
    type_ = load_le<std::uint16_t>(h);
    bytes_ = load_le<std::uint16_t>(h, 2);
    return {};
}

// An area names its length, head included; each entry is type, length, value.
Result<void> ImageParser::area(std::uint16_t magic) {
    const std::uint32_t start = at_;
    SB_TRY(head(from_.bytes(), Error::truncated));
    if (type_ != magic || bytes_ < tlv_head_bytes) return fail(Error::malformed);
    if (bytes_ > from_.bytes() - start) return fail(Error::truncated);
    const std::uint32_t end = start + bytes_;
    while (at_ != end) {
        SB_TRY(head(end, Error::malformed));
        if (bytes_ > end - at_) return fail(Error::malformed);
        SB_TRY(magic == tlv_protected_magic ? protected_entry() : entry());
        at_ += bytes_;
    }
    return {};
}

// Types that are not ours are passed over: the signature covers them.
Result<void> ImageParser::protected_entry() {
    if (type_ == tlv_dependency && bytes_ != dependency_bytes) return fail(Error::malformed);
    if (type_ != tlv_security_counter) return {};
    std::array<std::uint8_t, 4> value{};
    if (info.security_counter) return fail(Error::malformed);
    SB_TRY(value_into(value));
    info.security_counter = load_le<std::uint32_t>(value);
    return {};
}

// Types that are not ours are passed over: they prove nothing.
Result<void> ImageParser::entry() {
    switch (type_) {
        case tlv_key_hash:
        case tlv_public_key:
            return name_key();
        case tlv_sha256:
            if (has_digest) return fail(Error::malformed);
            has_digest = true;
            return value_into(digest);
        case tlv_ecdsa:
            has_signature = true;
            return take_signature();
        default:
            return {};
    }
}

Result<void> ImageParser::value_into(MutableBytes out) {
    if (bytes_ != out.size()) return fail(Error::malformed);
    return from_.read(at_, out);
}

Result<void> ImageParser::name_key() {
    std::array<std::uint8_t, spki_prefix.size() + sizeof(PublicKey)> buffer{};
    const MutableBytes value = MutableBytes(buffer).first(type_ == tlv_key_hash ? sizeof(Digest) : buffer.size());
    SB_TRY(value_into(value));
    named_ = nullptr;
    for (const TrustedKey& candidate : ring_) {
        const bool same = type_ == tlv_key_hash ? equal(candidate.hash, value)
                                                : equal(candidate.key, value.subspan(spki_prefix.size())) &&
                                                      equal(spki_prefix, value.first(spki_prefix.size()));
        if (same) named_ = &candidate;
    }
    return {};
}

// A signature belongs to the key TLV before it; the first one by a trusted key counts, so at most one is checked.
Result<void> ImageParser::take_signature() {
    if (named_ == nullptr || key != nullptr) return {};
    std::array<std::uint8_t, max_der_signature_bytes> der{};
    if (bytes_ > der.size()) return fail(Error::malformed);
    const MutableBytes value = MutableBytes(der).first(bytes_);
    SB_TRY(value_into(value));
    if (!parse_der_signature(value, signature)) return fail(Error::malformed);
    key = named_;
    return {};
}

Result<void> hash_range(Reader& from, Sha256& hash, std::uint32_t at, std::uint32_t end, MutableBytes scratch) {
    while (at < end) {
        const std::size_t left = end - at;
        const MutableBytes piece = scratch.first(left < scratch.size() ? left : scratch.size());
        SB_TRY(from.read(at, piece));
        hash.update(piece);
        at += static_cast<std::uint32_t>(piece.size());
    }
    return {};
}

}  // namespace

Result<ImageInfo> parse_image_header(Bytes h) {
    if (load_le<std::uint32_t>(h) != image_magic) return fail(Error::malformed);
    const auto flags = load_le<std::uint32_t>(h, 16);
    if ((flags & ~flag_rom_fixed) != 0) return fail(Error::unsupported);

    ImageInfo info;
    info.load_address = load_le<std::uint32_t>(h, 4);
    info.header_bytes = load_le<std::uint16_t>(h, 8);
    info.body_bytes = load_le<std::uint32_t>(h, 12);
    info.rom_fixed = (flags & flag_rom_fixed) != 0;
    info.version = {h[20], h[21], load_le<std::uint16_t>(h, 22), load_le<std::uint32_t>(h, 24)};
    if (info.header_bytes < image_header_bytes || info.body_bytes == 0) return fail(Error::malformed);
    if (info.body_bytes > UINT32_MAX - info.header_bytes) return fail(Error::overflow);
    info.protected_end = info.header_bytes + info.body_bytes;
    return info;
}

Result<ImageInfo> parse_image(Reader& from) {
    ImageParser image(from, {});
    SB_TRY(image.run());
    return image.info;
}

Result<VerifiedImage> verify_image(Reader& from, Crypto& crypto, KeyRing ring, MutableBytes scratch) {
    if (scratch.empty()) return fail(Error::out_of_range);
    ImageParser image(from, ring);
    SB_TRY(image.run());
    if (!image.has_signature) return fail(Error::unsigned_image);
    if (!image.has_digest) return fail(Error::malformed);
    if (image.key == nullptr) return fail(Error::unknown_key);

    Sha256 hash(crypto);
    SB_TRY(hash_range(from, hash, 0, image.info.protected_end, scratch));
    const Digest signed_digest = hash.digest();
    SB_TRY(hash_range(from, hash, image.info.protected_end, image.info.total_bytes, scratch));
    if (signed_digest != image.digest) return fail(Error::bad_digest);
    if (!crypto.p256_verify(image.key->key, signed_digest, image.signature)) return fail(Error::bad_signature);
    return VerifiedImage{image.info, hash.digest(), signed_digest};
}

}  // namespace sb
