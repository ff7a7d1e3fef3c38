#include "tools/pack/keys.hpp"

#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <vector>

#include "ports/host/openssl_crypto.hpp"

namespace sb::pack {

namespace {

using Kind = Problem::Kind;

struct Release {
    void operator()(BIO* p) const { BIO_free(p); }
    void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
    void operator()(EVP_PKEY_CTX* p) const { EVP_PKEY_CTX_free(p); }
    void operator()(ECDSA_SIG* p) const { ECDSA_SIG_free(p); }
};
template <class T>
using Owned = std::unique_ptr<T, Release>;

Owned<BIO> reading(std::string_view text) {
    return Owned<BIO>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// Never asks on a terminal: an encrypted key is a problem that is reported.
int no_passphrase(char*, int, int, void*) {
    return -1;
}

Outcome<PublicKey> point_of(const EVP_PKEY* key, const std::string& where) {
    std::array<char, 64> group{};
    std::array<std::uint8_t, 133> point{};
    std::size_t length = 0;
    if (EVP_PKEY_get_id(key) != EVP_PKEY_EC || EVP_PKEY_get_group_name(key, group.data(), group.size(), nullptr) != 1 ||
        std::strcmp(group.data(), "prime256v1") != 0)
        return problem(Kind::bad_input, where, "is not an ECDSA P-256 key", "make one with `switchback key new`");
    if (EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size(), &length) != 1)
        return problem(Kind::bad_input, where, "holds no public point");
    PublicKey xy{};
    if (length == 65 && point[0] == 4) {
        copy(xy, Bytes(point).subspan(1, 64));
        return xy;
    }
    return problem(Kind::bad_input, where, "holds a compressed point", "write the key uncompressed");
}

Outcome<std::string> read_text(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::string text((std::istreambuf_iterator<char>(in)), {});
    if (!in && text.empty())
        return problem(Kind::environment, file.string(), "cannot be read", "check the path and its permissions");
    return text;
}

Outcome<void> write_new(const std::filesystem::path& file, std::string_view text, mode_t mode) {
    const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0 && errno == EEXIST)
        return problem(Kind::usage, file.string(), "exists", "choose another name: a key is never overwritten");
    if (fd < 0) return problem(Kind::environment, file.string(), std::string("cannot be written: ") + strerror(errno));
    const bool whole = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    const bool closed = ::close(fd) == 0;
    if (whole && closed) return {};
    ::unlink(file.c_str());
    return problem(Kind::environment, file.string(), "cannot be written: the disk may be full");
}

}  // namespace

Outcome<PrivateKey> PrivateKey::wrap(std::shared_ptr<EVP_PKEY> key, const std::string& where) {
    auto point = point_of(key.get(), where);
    if (!point) return std::unexpected(point.error());
    return PrivateKey(std::move(key), *point);
}

Outcome<PrivateKey> PrivateKey::generate() {
    std::shared_ptr<EVP_PKEY> key(EVP_EC_gen("prime256v1"), Release{});
    if (!key) return problem(Kind::environment, "OpenSSL", "cannot make a P-256 key");
    return wrap(std::move(key), "new key");
}

Outcome<PrivateKey> PrivateKey::from_pem(std::string_view pem, const std::string& where) {
    if (pem.find("ENCRYPTED") != std::string_view::npos)
        return problem(Kind::bad_input, where, "is an encrypted key", "decrypt it with `openssl pkey` first");
    std::shared_ptr<EVP_PKEY> key(PEM_read_bio_PrivateKey(reading(pem).get(), nullptr, no_passphrase, nullptr),
                                  Release{});
    if (key) return wrap(std::move(key), where);
    if (pem.find("PUBLIC KEY") != std::string_view::npos)
        return problem(Kind::bad_input, where, "is a public key", "signing needs the private key");
    return problem(Kind::bad_input, where, "holds no PEM private key");
}

Outcome<PrivateKey> PrivateKey::load(const std::filesystem::path& file) {
    const auto text = read_text(file);
    if (!text) return std::unexpected(text.error());
    return from_pem(*text, file.string());
}

Outcome<std::string> PrivateKey::pem() const {
    const Owned<BIO> out(BIO_new(BIO_s_mem()));
    if (!out || PEM_write_bio_PKCS8PrivateKey(out.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
        return problem(Kind::environment, "OpenSSL", "cannot write this key as PEM");
    char* text = nullptr;
    const long length = BIO_get_mem_data(out.get(), &text);
    return std::string(text, static_cast<std::size_t>(length));
}

Outcome<Signature> PrivateKey::sign(const Digest& digest) const {
    const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_pkey(nullptr, key_.get(), nullptr));
    std::array<std::uint8_t, 80> der{};
    std::size_t length = der.size();
    if (!context || EVP_PKEY_sign_init(context.get()) != 1 ||
        EVP_PKEY_sign(context.get(), der.data(), &length, digest.data(), digest.size()) != 1)
        return problem(Kind::environment, "OpenSSL", "cannot sign with this key");
    const std::uint8_t* at = der.data();
    const Owned<ECDSA_SIG> pair(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(length)));
    Signature signature{};
    if (!pair || BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), signature.data(), 32) != 32 ||
        BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), signature.data() + 32, 32) != 32)
        return problem(Kind::environment, "OpenSSL", "made a signature that is not P-256");
    return signature;
}

Outcome<PublicKey> public_key_from_pem(std::string_view pem, const std::string& where) {
    if (pem.find("PRIVATE KEY") != std::string_view::npos) {
        const auto key = PrivateKey::from_pem(pem, where);
        if (!key) return std::unexpected(key.error());
        return key->public_key();
    }
    const Owned<EVP_PKEY> key(PEM_read_bio_PUBKEY(reading(pem).get(), nullptr, no_passphrase, nullptr));
    if (!key) return problem(Kind::bad_input, where, "holds no PEM public key");
    return point_of(key.get(), where);
}

Outcome<PublicKey> load_public_key(const std::filesystem::path& file) {
    const auto text = read_text(file);
    if (!text) return std::unexpected(text.error());
    return public_key_from_pem(*text, file.string());
}

std::string public_pem(const PublicKey& key) {
    std::vector<std::uint8_t> der(spki_prefix.begin(), spki_prefix.end());
    der.insert(der.end(), key.begin(), key.end());
    std::vector<std::uint8_t> base64(der.size() * 2);
    const int length = EVP_EncodeBlock(base64.data(), der.data(), static_cast<int>(der.size()));
    const std::string text(base64.begin(), base64.begin() + length);
    std::string pem = "-----BEGIN PUBLIC KEY-----\n";
    for (std::size_t at = 0; at < text.size(); at += 64) pem += text.substr(at, 64) + '\n';
    return pem + "-----END PUBLIC KEY-----\n";
}

TrustedKey trusted(const PublicKey& key) {
    OpensslCrypto crypto;
    return {.key = key, .hash = key_hash(crypto, key)};
}

std::filesystem::path public_file_of(const std::filesystem::path& file) {
    std::filesystem::path out = file;
    return out.replace_extension(".pub.pem");
}

Outcome<void> write_key_pair(const PrivateKey& key, const std::filesystem::path& file) {
    const auto pem = key.pem();
    if (!pem) return std::unexpected(pem.error());
    if (auto wrote = write_new(file, *pem, 0600); !wrote) return wrote;
    auto wrote = write_new(public_file_of(file), public_pem(key.public_key()), 0644);
    if (!wrote) ::unlink(file.c_str());
    return wrote;
}

}  // namespace sb::pack
