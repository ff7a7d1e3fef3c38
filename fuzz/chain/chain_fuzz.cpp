// The payload chain. An input is two bytes for the block size, two for the number of changes it makes to the wire, the
// changes, and the payload. The chain is built truly, changed, and read from the start and from a block on. Whatever
// happens: what the reader gives is a beginning of the payload, and without a change it gives all of it.
#include <algorithm>
#include <cstdlib>

#include "core/manifest/chain.hpp"
#include "ports/host/openssl_crypto.hpp"
#include "tools/pack/build_package.hpp"

namespace sb {
namespace {

using Buffer = std::vector<std::uint8_t>;

void require(bool held) {
    if (!held) std::abort();
}

// Reads `wire` as far as it verifies; gives the number of payload bytes, all of which are right.
std::size_t read(ChainReader chain, Bytes wire, Bytes payload) {
    OpensslCrypto crypto;
    std::size_t done = 0;
    while (!chain.complete()) {
        const std::uint32_t wanted = chain.wire_bytes();
        require(wanted > 0);
        const std::uint32_t block = chain.next_block();
        const auto data = chain.accept(crypto, wire.first(std::min<std::size_t>(wanted, wire.size())));
        if (!data) {
            require(data.error() == (wire.size() < wanted ? Error::truncated : Error::bad_digest));
            require(chain.next_block() == block);
            break;
        }
        require(equal(*data, payload.subspan(done, data->size())));
        done += data->size();
        wire = wire.subspan(wanted);
    }
    return done;
}

// Each change is three bytes: where (scaled to the wire) and what to xor; it can also cut the wire.
bool change(Buffer& wire, Bytes changes) {
    const Buffer before = wire;
    for (std::size_t i = 0; i + 3 <= changes.size(); i += 3) {
        if (wire.empty()) break;
        const std::size_t at = load_be<std::uint16_t>(changes, i) % wire.size();
        if (changes[i + 2] == 0)
            wire.resize(at);
        else
            wire[at] ^= changes[i + 2];
    }
    return wire != before;
}

}  // namespace
}  // namespace sb

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sb;
    if (size < 4) return 0;
    const Bytes input(data, size);
    PayloadDescriptor descriptor;
    descriptor.block_bytes = min_block_data_bytes + load_be<std::uint16_t>(input) % (4097 - min_block_data_bytes);
    const std::size_t changes = std::min<std::size_t>(load_be<std::uint16_t>(input, 2) % 8 * 3, size - 4);
    const Bytes payload = input.subspan(4 + changes);
    pack::Chain chain = pack::build_chain(payload, descriptor.block_bytes);
    descriptor.payload_bytes = static_cast<std::uint32_t>(payload.size());
    descriptor.first_block = chain.first;

    const ChainReader start(descriptor, 0, chain.first);
    require(read(start, chain.wire, payload) == payload.size());
    const bool changed = change(chain.wire, input.subspan(4, changes));
    const std::size_t done = read(start, chain.wire, payload);
    require(changed ? done < payload.size() : done == payload.size());

    // A resume anywhere, with any digest: nothing but right bytes or a refusal.
    BlockDigest guess{};
    copy(guess, payload.first(std::min(payload.size(), guess.size())));
    const ChainReader resumed(descriptor, load_be<std::uint16_t>(input), guess);
    require(resumed.complete() || read(resumed, chain.wire, payload) == 0);
    return 0;
}
