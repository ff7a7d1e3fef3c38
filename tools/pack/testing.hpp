// tools/pack: what tests share: a key that lives as long as the test program.
#pragma once

#include "tools/pack/keys.hpp"

namespace sb::pack {

inline const PrivateKey& test_key() {
    static const PrivateKey key = PrivateKey::generate().value();
    return key;
}

}  // namespace sb::pack
