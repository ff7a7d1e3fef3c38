// Images. Every digest is 11…, the one trusted key has the hash 22… and every signature is good, so that inputs get
// past them. Beyond "no access out of bounds": sizes nest, what follows the last TLV changes nothing, a cut image is
// refused, and what verifies also parses to the same facts.
#include <cstdlib>
#include <vector>

#include "core/image/image.hpp"

namespace sb {
namespace {

class AgreeableCrypto final : public Crypto {
public:
    void sha256_start(Sha256State&) override {}
    void sha256_update(Sha256State&, Bytes data) override {
        for (const std::uint8_t byte : data) sum_ += byte;  // touches what a real one would touch
    }
    [[nodiscard]] Digest sha256_digest(const Sha256State&) override {
        Digest digest;
        digest.fill(0x11);
        return digest;
    }
    [[nodiscard]] bool p256_verify(const PublicKey&, const Digest&, const Signature&) override { return true; }

private:
    unsigned sum_ = 0;
};

void require(bool held) {
    if (!held) std::abort();
}

Result<ImageInfo> parse(Bytes image) {
    MemoryReader reader(image);
    return parse_image(reader);
}

bool same(const ImageInfo& a, const ImageInfo& b) {
    return a.version == b.version && a.header_bytes == b.header_bytes && a.body_bytes == b.body_bytes &&
           a.total_bytes == b.total_bytes && a.load_address == b.load_address && a.rom_fixed == b.rom_fixed &&
           a.security_counter == b.security_counter && a.protected_end == b.protected_end;
}

}  // namespace
}  // namespace sb

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sb;
    const Bytes image(data, size);
    const auto info = parse(image);
    if (info) {
        require(info->header_bytes >= 32 && info->body_bytes > 0);
        require(std::uint64_t{info->header_bytes} + info->body_bytes <= info->protected_end);
        require(info->protected_end < info->total_bytes && info->total_bytes <= size);
        const auto exact = parse(image.first(info->total_bytes));
        require(exact && same(*exact, *info));
        require(!parse(image.first(info->total_bytes - 1)));
    }

    AgreeableCrypto crypto;
    TrustedKey key{};
    key.hash.fill(0x22);
    std::array<std::uint8_t, 64> scratch{};
    MemoryReader reader(image);
    const auto verified = verify_image(reader, crypto, {&key, 1}, scratch);
    if (verified) require(info && same(verified->info, *info));
    return 0;
}
