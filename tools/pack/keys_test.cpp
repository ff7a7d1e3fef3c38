#include "tools/pack/keys.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>

#include "ports/host/openssl_crypto.hpp"

namespace sb::pack {
namespace {

namespace fs = std::filesystem;

struct TempDir {
    fs::path path;
    TempDir() {
        std::string name = (fs::temp_directory_path() / "sb-keys-XXXXXX").string();
        path = ::mkdtemp(name.data());
    }
    ~TempDir() { fs::remove_all(path); }
};

std::string pem_of_curve(const char* curve) {
    EVP_PKEY* key = EVP_EC_gen(curve);
    BIO* out = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey_traditional(out, key, nullptr, nullptr, 0, nullptr, nullptr);
    char* text = nullptr;
    const long length = BIO_get_mem_data(out, &text);
    std::string pem(text, static_cast<std::size_t>(length));
    BIO_free(out);
    EVP_PKEY_free(key);
    return pem;
}

TEST(Keys, SignatureVerifiesWithThePublicHalfOnly) {
    const auto key = PrivateKey::generate();
    const auto stranger = PrivateKey::generate();
    ASSERT_TRUE(key && stranger);
    OpensslCrypto crypto;
    const Digest digest = sha256(crypto, key->public_key());
    const auto signature = key->sign(digest);
    ASSERT_TRUE(signature);
    EXPECT_TRUE(crypto.p256_verify(key->public_key(), digest, *signature));
    EXPECT_FALSE(crypto.p256_verify(stranger->public_key(), digest, *signature));
}

TEST(Keys, PairOfFilesIsReadBackAsTheSameKey) {
    const TempDir dir;
    const auto key = PrivateKey::generate();
    ASSERT_TRUE(key);
    ASSERT_TRUE(write_key_pair(*key, dir.path / "vendor.pem"));
    const auto again = PrivateKey::load(dir.path / "vendor.pem");
    const auto half = load_public_key(dir.path / "vendor.pub.pem");
    ASSERT_TRUE(again && half);
    EXPECT_EQ(again->public_key(), key->public_key());
    EXPECT_EQ(*half, key->public_key());
    EXPECT_EQ(trusted(*half).hash, trusted(key->public_key()).hash);
    EXPECT_EQ(load_public_key(dir.path / "vendor.pem").value(), key->public_key()) << "private file, public half";
}

TEST(Keys, PrivateFileIsForItsOwnerOnly) {
    const TempDir dir;
    ASSERT_TRUE(write_key_pair(PrivateKey::generate().value(), dir.path / "k.pem"));
    struct stat status{};
    ASSERT_EQ(::stat((dir.path / "k.pem").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST(Keys, NeverOverwritesAndLeavesNoHalfPair) {
    const TempDir dir;
    const auto key = PrivateKey::generate().value();
    std::ofstream(dir.path / "k.pub.pem") << "mine";
    const auto wrote = write_key_pair(key, dir.path / "k.pem");
    ASSERT_FALSE(wrote);
    EXPECT_EQ(wrote.error().kind, Problem::Kind::usage);
    EXPECT_FALSE(fs::exists(dir.path / "k.pem"));
    ASSERT_FALSE(write_key_pair(key, dir.path / "no-such-dir" / "k.pem"));
}

TEST(Keys, ReadsSec1AsWellAsPkcs8) {
    const std::string pem = pem_of_curve("prime256v1");
    ASSERT_NE(pem.find("EC PRIVATE KEY"), std::string::npos);
    EXPECT_TRUE(PrivateKey::from_pem(pem, "k"));
}

TEST(Keys, RefusesWithAReason) {
    const std::string mine = public_pem(PrivateKey::generate().value().public_key());
    struct Case {
        std::string pem;
        const char* what;
    };
    for (const auto& [pem, what] :
         {Case{"", "no PEM private key"}, Case{"hello", "no PEM private key"}, Case{mine, "public key"},
          Case{pem_of_curve("secp384r1"), "P-256"}, Case{"-----BEGIN ENCRYPTED PRIVATE KEY-----", "encrypted"}}) {
        const auto key = PrivateKey::from_pem(pem, "file");
        ASSERT_FALSE(key) << what;
        EXPECT_NE(key.error().what.find(what), std::string::npos) << key.error().what;
        EXPECT_EQ(key.error().where, "file");
    }
    EXPECT_FALSE(public_key_from_pem("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "f"));
    EXPECT_EQ(load_public_key("/no/such/key.pem").error().kind, Problem::Kind::environment);
    EXPECT_EQ(PrivateKey::load("/no/such/key.pem").error().kind, Problem::Kind::environment);
}

}  // namespace
}  // namespace sb::pack
