#include "tools/cli/images.hpp"

#include <fmt/format.h>

#include <array>

#include "core/boot/slot_check.hpp"
#include "ports/host/openssl_crypto.hpp"
#include "tools/cli/text.hpp"
#include "tools/pack/hex.hpp"
#include "tools/pack/sign_image.hpp"
#include "tools/pack/version.hpp"

namespace sb::cli {
namespace {

constexpr std::uint32_t image_magic = 0x96f3b83d;  // MCUboot: IMAGE_MAGIC, bootutil/image.h

}  // namespace

bool looks_like_image(Bytes bytes) {
    return bytes.size() >= 4 && load_le<std::uint32_t>(bytes) == image_magic;
}

ImageFile image_of(Buffer bytes, const std::string& path) {
    ImageFile image{.path = path, .bytes = std::move(bytes)};
    MemoryReader reader(image.bytes);
    const auto info = parse_image(reader);
    if (!info && info.error() == Error::malformed)
        throw Failure(Exit::bad_input, "not an MCUboot image", path, "sign a program first: 'switchback image sign'");
    image.info = need(info, path);
    image.bytes.resize(image.info.total_bytes);
    OpensslCrypto crypto;
    image.digest = sha256(crypto, image.bytes);
    return image;
}

ImageFile read_image(const std::string& path) {
    return image_of(read_file(path), path);
}

ImageFile read_verified_image(const std::string& path, KeyRing ring) {
    ImageFile image{.path = path, .bytes = read_file(path)};
    MemoryReader reader(image.bytes);
    OpensslCrypto crypto;
    std::array<std::uint8_t, 4096> scratch{};
    const VerifiedImage verified = need(verify_image(reader, crypto, ring, scratch), path);
    image.info = verified.info;
    image.digest = verified.digest;
    image.bytes.resize(image.info.total_bytes);
    image.verified = true;
    return image;
}

void need_start(const FlashMap& map, const ImageFile& image) {
    MemoryReader reader(image.bytes);
    if (check_start(map, reader, image.info)) return;
    throw Failure(
        Exit::no,
        fmt::format("its reset vector (word 1 behind the header) does not lead into the image, which is bound "
                    "to 0x{:x} and has its program at 0x{:x} (wrong_address)",
                    image.info.load_address, image.info.load_address + image.info.header_bytes),
        image.path, "link the program to that address, or sign it for the slot that it was linked for");
}

Json image_json(const ImageFile& image) {
    const ImageInfo& i = image.info;
    Json json = {{"version", pack::to_string(i.version)},
                 {"sha256", to_hex(image.digest)},
                 {"image_bytes", i.total_bytes},
                 {"header_bytes", i.header_bytes},
                 {"program_bytes", i.body_bytes},
                 {"security_counter", nullptr},
                 {"rom_fixed", nullptr}};
    if (i.security_counter) json["security_counter"] = *i.security_counter;
    if (i.rom_fixed) json["rom_fixed"] = i.load_address;
    for (const pack::SetComponent& c : pack::set_components(image.bytes))
        json["components"].push_back({{"name", c.name}, {"offset", c.offset}, {"bytes", c.bytes}});
    return json;
}

std::string image_text(const ImageFile& image) {
    const ImageInfo& i = image.info;
    std::string text = fmt::format("image    {}\nversion  {}\nsize     {} bytes (header {}, program {}, TLVs {})\n",
                                   image.path, pack::to_string(i.version), i.total_bytes, i.header_bytes, i.body_bytes,
                                   i.total_bytes - i.header_bytes - i.body_bytes);
    text += fmt::format("sha256   {}\n", to_hex(image.digest));
    text += i.security_counter ? fmt::format("counter  {}\n", *i.security_counter) : "";
    text += i.rom_fixed ? fmt::format("address  0x{:x}, bound to it\n", i.load_address) : "";
    for (const pack::SetComponent& c : pack::set_components(image.bytes))
        text += fmt::format("holds    {}: {} bytes at 0x{:x} of the image\n", printable(c.name), c.bytes, c.offset);
    return text;
}

}  // namespace sb::cli
