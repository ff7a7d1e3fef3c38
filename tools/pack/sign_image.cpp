#include "tools/pack/sign_image.hpp"

#include <algorithm>
#include <bit>
#include <concepts>

#include "core/base/error_name.hpp"
#include "ports/host/openssl_crypto.hpp"

namespace sb::pack {

namespace {

using Kind = Problem::Kind;
using Buffer = std::vector<std::uint8_t>;

// MCUboot, boot/bootutil/include/bootutil/image.h.
constexpr std::uint32_t image_magic = 0x96F3B83D;
constexpr std::uint32_t flag_rom_fixed = 0x100;
constexpr std::uint16_t tlv_protected_magic = 0x6908;
constexpr std::uint16_t tlv_magic = 0x6907;
// Of the range that MCUboot leaves to vendors.
constexpr std::uint16_t tlv_set_component = 0x00A5;
constexpr std::size_t longest_component_name = 31;

template <std::unsigned_integral T>
void put(Buffer& to, T value) {
    for (std::size_t i = 0; i < sizeof(T); ++i) to.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

void put(Buffer& to, Bytes bytes) {
    to.insert(to.end(), bytes.begin(), bytes.end());
}

void put_tlv(Buffer& to, std::uint16_t type, Bytes value) {
    put(to, type);
    put(to, static_cast<std::uint16_t>(value.size()));
    put(to, value);
}

void put_version(Buffer& to, const Version& v) {
    put(to, v.major);
    put(to, v.minor);
    put(to, v.revision);
    put(to, v.build);
}

// An area with its head; nothing when it has no entries.
Buffer area(std::uint16_t magic, const Buffer& entries) {
    Buffer out;
    if (entries.empty()) return out;
    put(out, magic);
    put(out, static_cast<std::uint16_t>(entries.size() + 4));
    put(out, entries);
    return out;
}

Buffer protected_area(const SignOptions& options) {
    Buffer entries;
    if (options.security_counter) {
        Buffer value;
        put(value, *options.security_counter);
        put_tlv(entries, 0x50, value);
    }
    for (const Dependency& dependency : options.dependencies) {
        Buffer value = {dependency.image, 0, 0, 0};
        put_version(value, dependency.at_least);
        put_tlv(entries, 0x40, value);
    }
    for (const SetComponent& component : options.components) {
        Buffer value;
        put(value, component.offset);
        put(value, component.bytes);
        value.insert(value.end(), component.name.begin(), component.name.end());
        put_tlv(entries, tlv_set_component, value);
    }
    return area(tlv_protected_magic, entries);
}

Buffer header(Bytes program, const SignOptions& options, std::size_t protected_bytes) {
    Buffer h;
    put(h, image_magic);
    put(h, options.rom_fixed.value_or(0));
    put(h, static_cast<std::uint16_t>(options.header_bytes));
    put(h, static_cast<std::uint16_t>(protected_bytes));
    put(h, static_cast<std::uint32_t>(program.size()));
    put(h, options.rom_fixed ? flag_rom_fixed : 0U);
    put_version(h, options.version);
    put(h, std::uint32_t{0});
    h.resize(options.header_bytes, 0xFF);
    return h;
}

// INTEGER in DER: minimal, with a zero in front where the first bit would be a sign.
void put_der_integer(Buffer& to, Bytes value) {
    while (value.size() > 1 && value.front() == 0) value = value.subspan(1);
    const bool pad = value.front() >= 0x80;
    to.push_back(0x02);
    to.push_back(static_cast<std::uint8_t>(value.size() + (pad ? 1 : 0)));
    if (pad) to.push_back(0);
    put(to, value);
}

Buffer der(const Signature& signature) {
    Buffer pair;
    put_der_integer(pair, Bytes(signature).first(32));
    put_der_integer(pair, Bytes(signature).subspan(32));
    Buffer out = {0x30, static_cast<std::uint8_t>(pair.size())};
    put(out, pair);
    return out;
}

Outcome<void> check(Bytes program, const SignOptions& options) {
    if (program.empty()) return problem(Kind::bad_input, "program", "is empty");
    if (options.header_bytes < 32 || options.header_bytes > 0xFFFF)
        return problem(Kind::usage, "header size", "must be 32 to 65535 bytes", "0x200 suits every Cortex-M");
    if (!std::has_single_bit(options.align) || options.align > 32)
        return problem(Kind::usage, "align", "must be 1, 2, 4, 8, 16 or 32");
    for (const SetComponent& c : options.components)
        if (c.name.empty() || c.name.size() > longest_component_name)
            return problem(Kind::usage, "component", "has no name of 1 to 31 characters");
    if (options.dependencies.size() > 1000) return problem(Kind::usage, "dependencies", "are too many");
    if (program.size() > UINT32_MAX - 0x20000)
        return problem(Kind::bad_input, "program", "is too large for the image format");
    return {};
}

Outcome<void> check_slot(std::size_t image_bytes, const SignOptions& options) {
    const std::uint64_t trailer = options.mcuboot_trailer ? mcuboot_trailer_bytes(options.align) : 0;
    if (options.slot_bytes == 0 || image_bytes + trailer <= options.slot_bytes) return {};
    return problem(Kind::refused, "image",
                   "needs " + std::to_string(image_bytes + trailer) + " bytes" +
                       (trailer != 0 ? " with MCUboot's trailer" : "") + ", the slot has " +
                       std::to_string(options.slot_bytes),
                   "make the program smaller or the slot larger");
}

}  // namespace

std::uint32_t mcuboot_trailer_bytes(std::uint32_t align) {
    constexpr std::uint32_t max_sectors = 128;
    const std::uint32_t max_align = std::max(8U, align);
    const std::uint32_t magic = (16 + max_align - 1) / max_align * max_align;
    return max_sectors * 3 * align + 4 * max_align + magic;
}

std::vector<SetComponent> set_components(Bytes image) {
    std::vector<SetComponent> found;
    const std::size_t area = std::size_t{load_le<std::uint16_t>(image, 8)} + load_le<std::uint32_t>(image, 12);
    const std::size_t bytes = load_le<std::uint16_t>(image, 10);
    if (bytes < 4 || area > image.size() || bytes > image.size() - area) return found;
    for (Bytes rest = image.subspan(area + 4, bytes - 4); rest.size() >= 4;) {
        const std::size_t length = load_le<std::uint16_t>(rest, 2);
        if (length > rest.size() - 4) break;
        const Bytes value = rest.subspan(4, length);
        if (load_le<std::uint16_t>(rest) == tlv_set_component && length > 8 && length <= 8 + longest_component_name)
            found.push_back({.name = std::string(value.begin() + 8, value.end()),
                             .offset = load_le<std::uint32_t>(value),
                             .bytes = load_le<std::uint32_t>(value, 4)});
        rest = rest.subspan(4 + length);
    }
    return found;
}

Outcome<Buffer> sign_image(Bytes program, const SignOptions& options, const PrivateKey& key) {
    if (auto good = check(program, options); !good) return std::unexpected(good.error());
    OpensslCrypto crypto;
    const Buffer protected_tlvs = protected_area(options);
    Buffer image = header(program, options, protected_tlvs.size());
    put(image, program);
    put(image, protected_tlvs);

    const Digest digest = sha256(crypto, image);
    const auto signature = key.sign(digest);
    if (!signature) return std::unexpected(signature.error());
    const TrustedKey own = trusted(key.public_key());
    Buffer public_key(spki_prefix.begin(), spki_prefix.end());
    put(public_key, own.key);

    Buffer entries;
    put_tlv(entries, 0x10, digest);
    if (options.full_public_key)
        put_tlv(entries, 0x02, public_key);
    else
        put_tlv(entries, 0x01, own.hash);
    put_tlv(entries, 0x22, der(*signature));
    put(image, area(tlv_magic, entries));
    if (auto fits = check_slot(image.size(), options); !fits) return std::unexpected(fits.error());

    MemoryReader reader(image);
    std::array<std::uint8_t, 4096> scratch{};
    const auto verified = verify_image(reader, crypto, {&own, 1}, scratch);
    if (!verified)
        return problem(Kind::environment, "image", std::string("does not verify: ") + error_name(verified.error()));
    return image;
}

}  // namespace sb::pack
