// The install pipe on the host, flash delay left out: from the first byte of a package to a verified image in the
// slot, for each payload format and two sizes of link pieces, in processor time. Beside it one SHA-256 pass of the same
// implementation over the same image, measured in the same run, in turns with the installs so that both see the same
// machine:
//   bytes_per_second  of the image
//   ratio_to_sha256   rate of the install / rate of that pass, median; the goal for raw is 0.28
#include <benchmark/benchmark.h>

#include <ctime>
#include <map>
#include <stdexcept>
#include <string>

#include "bench/install/plain_flash.hpp"
#include "core/delta/all_decoders.hpp"
#include "core/install/session.hpp"
#include "ports/host/openssl_crypto.hpp"
#include "tests/stack/program_pair.hpp"
#include "tools/diff/patch.hpp"
#include "tools/pack/build_package.hpp"
#include "tools/pack/device_class.hpp"
#include "tools/pack/sign_image.hpp"

namespace sb::bench {
namespace {

using Blob = std::vector<std::uint8_t>;

constexpr std::uint32_t slot_bytes = 1U << 20;
constexpr std::uint32_t header_bytes = 0x200;
constexpr std::uint32_t room_for_tlvs = 0x200;
constexpr std::uint32_t journal_bytes = journal_pages * PlainFlash::unit_bytes;
constexpr std::uint32_t max_block_bytes = 1024;
constexpr std::uint32_t dictionary_bytes = 4096;
constexpr const char* device_class = "bench.example/host";

constexpr std::uint32_t decoder_ram = decoder_ram_bytes(PayloadFormat::endsley_lzma, dictionary_bytes);
constexpr std::array<DecoderOffer, 4> offers = {{{PayloadFormat::raw, 0},
                                                 {PayloadFormat::lzma, decoder_ram},
                                                 {PayloadFormat::endsley, 0},
                                                 {PayloadFormat::endsley_lzma, decoder_ram}}};

template <class T>
T must(pack::Outcome<T> outcome) {
    if (!outcome) throw std::runtime_error(outcome.error().where + ": " + outcome.error().what);
    return std::move(*outcome);
}

void must(const Result<void>& result) {
    if (!result) throw std::runtime_error("error " + std::to_string(static_cast<int>(result.error())));
}

/// Two signed images that fill a slot, and the packages that lead from one to the other; each is made when it is
/// asked for.
class Packages {
public:
    [[nodiscard]] const Blob& package(PayloadFormat format) {
        Blob& made = by_format_[format];
        if (made.empty()) made = make(format);
        return made;
    }

    const pack::PrivateKey key = must(pack::PrivateKey::generate());
    Blob old_image;
    Blob new_image;

    Packages() {
        const stack::ProgramPair pair = stack::make_program_pair(slot_bytes - header_bytes - room_for_tlvs);
        old_image = sign(pair.old_program, 1);
        new_image = sign(pair.new_program, 2);
    }

private:
    [[nodiscard]] Blob sign(Bytes program, std::uint8_t major) const {
        const pack::SignOptions options{
            .version = {.major = major}, .header_bytes = header_bytes, .slot_bytes = slot_bytes};
        return must(pack::sign_image(program, options, key));
    }

    [[nodiscard]] Blob make(PayloadFormat format) const {
        pack::PackageOptions options{.device_class = device_class, .format = format};
        if (format == PayloadFormat::raw) return must(pack::build_package(new_image, {}, options, key));
        diff::DiffOptions how;
        how.format = format == PayloadFormat::lzma ? "lzma" : "endsley";
        how.compress = format == PayloadFormat::endsley ? "none" : "lzma";
        how.ram_bytes = dictionary_bytes;
        const diff::Patch patch = diff::make_patch(old_image, new_image, how);
        if (patch.payload != format) throw std::runtime_error("not the format that was asked for");
        options.decoder_ram_bytes = patch.decoder_ram_bytes;
        OpensslCrypto crypto;
        if (format != PayloadFormat::lzma) options.source_digest = sha256(crypto, old_image);
        return must(pack::build_package(new_image, patch.bytes, options, key));
    }

    std::map<PayloadFormat, Blob> by_format_;
};

Packages& packages() {
    static Packages made;
    return made;
}

class Device {
public:
    explicit Device(const Packages& from) : keys_{pack::trusted(from.key.public_key())} {
        map_.slots[0] = {Region(flash_, 0, slot_bytes), 0};
        map_.slots[1] = {Region(flash_, slot_bytes, slot_bytes), slot_bytes};
        map_.journal = Region(flash_, 2 * slot_bytes, journal_bytes);
        map_.header_bytes = header_bytes;
        must(flash_.program(0, from.old_image));
        ids_ = must(pack::class_ids(device_class));
    }

    /// As it left the factory, but for what stands in slot B.
    void reset() const {
        for (std::uint32_t at = 0; at < journal_bytes; at += PlainFlash::unit_bytes) must(map_.journal.erase(at));
        Journal journal(map_.journal);
        if (journal.open()) throw std::runtime_error("a blank journal was read");
        State state;
        state.boot.confirmed_a = true;
        must(journal.commit(state));
    }

    void install(Bytes package, std::size_t piece) {
        Journal journal(map_.journal);
        must(journal.open());
        const InstallDevice device{.map = map_,
                                   .crypto = crypto_,
                                   .keys = keys_,
                                   .vendor = ids_.vendor,
                                   .device_class = ids_.device_class,
                                   .decoders = all_decoders,
                                   .offers = offers,
                                   .max_block_bytes = max_block_bytes};
        InstallSession session(device, journal, work_);
        std::size_t next = 0;
        while (!session.complete()) {
            if (next >= package.size()) throw std::runtime_error("the session wants more than the package");
            const Bytes rest = package.subspan(next);
            const auto wanted = session.write(next, rest.first(std::min(piece, rest.size())));
            if (!wanted) throw std::runtime_error("error " + std::to_string(static_cast<int>(wanted.error())));
            next = static_cast<std::size_t>(*wanted);
        }
    }

    [[nodiscard]] bool holds(Bytes image) {
        Blob seen(image.size());
        return map_.slots[1].region.read(0, seen) && equal(seen, image);
    }
    [[nodiscard]] OpensslCrypto& crypto() { return crypto_; }

private:
    PlainFlash flash_{(2 * slot_bytes + journal_bytes) / PlainFlash::unit_bytes};
    OpensslCrypto crypto_;
    std::array<TrustedKey, 1> keys_;
    FlashMap map_;
    pack::ClassIds ids_;
    alignas(8) std::array<std::uint8_t, install_work_bytes(max_block_bytes, decoder_ram)> work_;
};

/// Processor time of this thread: what else runs on the machine does not count.
double now_seconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

template <class Work>
double seconds(Work work) {
    const double started = now_seconds();
    work();
    return now_seconds() - started;
}

void install(benchmark::State& state, PayloadFormat format) {
    Packages& from = packages();
    const Blob& package = from.package(format);
    const auto piece = static_cast<std::size_t>(state.range(0));
    Device device(from);
    std::vector<double> ratios;
    for ([[maybe_unused]] auto _ : state) {
        device.reset();
        const double once = seconds([&] { device.install(package, piece); });
        const double hashing = seconds([&] { benchmark::DoNotOptimize(sha256(device.crypto(), from.new_image)); });
        state.SetIterationTime(once);
        ratios.push_back(hashing / once);
    }
    if (!device.holds(from.new_image)) state.SkipWithError("the slot does not hold the new image");
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(from.new_image.size()));
    std::ranges::nth_element(ratios, ratios.begin() + std::ssize(ratios) / 2);
    state.counters["ratio_to_sha256"] = ratios[ratios.size() / 2];
    state.counters["package_bytes"] = static_cast<double>(package.size());
}

void one_sha256_pass(benchmark::State& state) {
    const Blob& image = packages().new_image;
    OpensslCrypto crypto;
    for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(sha256(crypto, image));
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(image.size()));
}

void one_signature_check(benchmark::State& state) {
    OpensslCrypto crypto;
    const Digest digest{1, 2, 3};
    const Signature signature = must(packages().key.sign(digest));
    for ([[maybe_unused]] auto _ : state) {
        benchmark::DoNotOptimize(crypto.p256_verify(packages().key.public_key(), digest, signature));
    }
}

void piece_sizes(benchmark::internal::Benchmark* of) {
    of->ArgName("piece")->Arg(4096)->Arg(200)->UseManualTime()->Unit(benchmark::kMillisecond);
}

BENCHMARK(one_sha256_pass)->Unit(benchmark::kMillisecond);
BENCHMARK(one_signature_check)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(install, raw, PayloadFormat::raw)->Apply(piece_sizes);
BENCHMARK_CAPTURE(install, lzma, PayloadFormat::lzma)->Apply(piece_sizes);
BENCHMARK_CAPTURE(install, endsley, PayloadFormat::endsley)->Apply(piece_sizes);
BENCHMARK_CAPTURE(install, endsley_lzma, PayloadFormat::endsley_lzma)->Apply(piece_sizes);

}  // namespace
}  // namespace sb::bench
