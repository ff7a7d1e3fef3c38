// tools/layout: one table of a layout file, read key by key. Whatever is not asked for is an unknown key.
// Throws Problem: parse() is the only caller and turns it into its result.
#pragma once

// A layout is input, and toml++ asserts on some malformed tables that it goes on to report as errors.
#define TOML_ASSERT(expr) static_cast<void>(0)
#include <toml++/toml.h>

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "tools/layout/problem.hpp"

namespace sb::layout {

class Section {
public:
    /// `title` names the table in messages, e.g. "[[flash]]". `table` must outlive the section.
    Section(const toml::table& table, std::string file, std::string title);

    /// Line of the table itself, and of one of its keys (the table's when the key is absent).
    [[nodiscard]] std::uint32_t line() const;
    [[nodiscard]] std::uint32_t line(std::string_view key) const;

    [[nodiscard]] bool has(std::string_view key);
    [[nodiscard]] std::string text(std::string_view key);
    [[nodiscard]] bool boolean(std::string_view key, bool unless_given);
    [[nodiscard]] bool boolean(std::string_view key);
    /// A size: integer or string as parse_size() takes it, between `low` and `high`.
    [[nodiscard]] std::uint32_t size(std::string_view key, std::uint32_t low, std::uint32_t high);
    [[nodiscard]] std::uint32_t size(std::string_view key, std::uint32_t low, std::uint32_t high,
                                     std::uint32_t unless_given);
    /// A plain integer of something that is no size, between `low` and `high`.
    [[nodiscard]] std::uint32_t number(std::string_view key, std::uint32_t low, std::uint32_t high);
    /// An array that must be there.
    [[nodiscard]] const toml::array& array(std::string_view key);
    [[nodiscard]] const toml::array* array_if_given(std::string_view key);
    [[nodiscard]] const toml::table* table_if_given(std::string_view key);

    /// Call last. Throws for the first key that nobody asked for.
    void refuse_the_rest() const;

    [[noreturn]] void refuse(std::string_view key, std::string what, std::string fix) const;
    [[noreturn]] void refuse_at(std::uint32_t at, std::string what, std::string fix) const;

private:
    [[nodiscard]] const toml::node* node(std::string_view key);
    [[nodiscard]] std::uint32_t in_range(std::string_view key, std::uint64_t value, std::uint32_t low,
                                         std::uint32_t high) const;
    [[nodiscard]] const toml::node& required(std::string_view key, std::string_view kind);

    const toml::table& table_;
    std::string file_;
    std::string title_;
    std::set<std::string, std::less<>> known_;
};

/// The number that a TOML node means as a size, or nothing.
[[nodiscard]] std::optional<std::uint64_t> size_of_node(const toml::node& node);

}  // namespace sb::layout
