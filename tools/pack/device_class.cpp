#include "tools/pack/device_class.hpp"

#include <openssl/evp.h>

#include <vector>

namespace sb::pack {

namespace {

// The DNS namespace (RFC 9562 §6.6).
constexpr Uuid dns_namespace = {0x6B, 0xA7, 0xB8, 0x10, 0x9D, 0xAD, 0x11, 0xD1,
                                0x80, 0xB4, 0x00, 0xC0, 0x4F, 0xD4, 0x30, 0xC8};

}  // namespace

Uuid uuid5(const Uuid& name_space, std::string_view name) {
    std::vector<std::uint8_t> input(name_space.begin(), name_space.end());
    input.insert(input.end(), name.begin(), name.end());
    std::array<std::uint8_t, 20> sha1{};
    EVP_Digest(input.data(), input.size(), sha1.data(), nullptr, EVP_sha1(), nullptr);
    Uuid uuid;
    copy(uuid, Bytes(sha1).first(uuid.size()));
    uuid[6] = static_cast<std::uint8_t>((uuid[6] & 0x0FU) | 0x50U);
    uuid[8] = static_cast<std::uint8_t>((uuid[8] & 0x3FU) | 0x80U);
    return uuid;
}

Outcome<ClassIds> class_ids(std::string_view device_class) {
    const std::size_t slash = device_class.find('/');
    if (slash == std::string_view::npos || slash == 0 || slash + 1 == device_class.size())
        return problem(Problem::Kind::usage, "class " + std::string(device_class), "is not VENDOR-DOMAIN/CLASS-NAME",
                       "write it like acme.example/thermostat-2");
    const Uuid vendor = uuid5(dns_namespace, device_class.substr(0, slash));
    return ClassIds{vendor, uuid5(vendor, device_class.substr(slash + 1))};
}

std::string to_string(const Uuid& uuid) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (std::size_t i = 0; i < uuid.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
        text += digits[uuid[i] >> 4];
        text += digits[uuid[i] & 15U];
    }
    return text;
}

}  // namespace sb::pack
