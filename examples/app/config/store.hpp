// Keeps the parameters in two flash pages that take turns: the newer whole record wins, so a power cut while
// saving leaves the one before. Record: magic, revision, count, values, CRC-32; all 32-bit words.
// Parameters that a later release adds keep their default when an older, shorter record is read.
#pragma once

#include <cstdint>
#include <span>

#include "config/parameters.hpp"

namespace app {

/// Two erasable pages, as the board has them. Words are programmed once after an erase.
class ConfigPages {
public:
    static constexpr std::size_t words_a_page = 64;
    using Page = std::array<std::uint32_t, words_a_page>;

    [[nodiscard]] virtual Page read(unsigned page) const = 0;
    /// Erases the page and programs `words` from its start; false when it reads back differently.
    [[nodiscard]] virtual bool replace(unsigned page, std::span<const std::uint32_t> words) = 0;

protected:
    ~ConfigPages() = default;
};

class ConfigStore {
public:
    explicit ConfigStore(ConfigPages& pages) : pages_(&pages) {}

    /// Fills `parameters` from the newest whole record. False, and nothing changed, when there is none.
    [[nodiscard]] bool load(Parameters& parameters);
    /// Writes them as the next revision, onto the page that holds the older one.
    [[nodiscard]] bool save(const Parameters& parameters);

    /// Of the record that was loaded or saved last; 0 when there was none.
    [[nodiscard]] std::uint32_t revision() const { return revision_; }
    [[nodiscard]] unsigned page() const { return page_; }

private:
    ConfigPages* pages_;
    std::uint32_t revision_ = 0;
    unsigned page_ = 1;
};

}  // namespace app
