// simdjson's string_builder. Keys are literals with their punctuation, as its reflection has them, for which compilers
// are still few.
#include <simdjson.h>

#include "peers.hpp"

namespace {
using Builder = simdjson::builder::string_builder;

template <std::size_t N> void literal(Builder &out, const char (&text)[N]) { out.append_raw_n<N - 1>(text); }

template <class T>
  requires std::is_arithmetic_v<T>
void write(Builder &out, T value) {
  out.append(value);
}
void write(Builder &out, const std::string &value) { out.escape_and_append_with_quotes(std::string_view(value)); }
template <class T> void write(Builder &out, const std::optional<T> &value);
template <class A, class B> void write(Builder &out, const std::pair<A, B> &value);
template <class T> void write(Builder &out, const std::vector<T> &values);
template <class T> void write(Builder &out, const std::map<std::string, T> &values);

template <Struct T> void write(Builder &out, const T &value) {
  bool first = true;
  T::fields([&](auto key, auto member) {
    literal(out, first ? key.first : key.later);
    first = false;
    write(out, value.*member);
  });
  out.end_object();
}

template <class T> void write(Builder &out, const std::optional<T> &value) {
  if (value) {
    write(out, *value);
  } else {
    out.append_null();
  }
}

template <class A, class B> void write(Builder &out, const std::pair<A, B> &value) {
  out.start_array();
  write(out, value.first);
  out.append_comma();
  write(out, value.second);
  out.end_array();
}

template <class T> void write(Builder &out, const std::vector<T> &values) {
  out.start_array();
  bool first = true;
  for (const auto &value : values) {
    if (!first) {
      out.append_comma();
    }
    first = false;
    write(out, value);
  }
  out.end_array();
}

template <class T> void write(Builder &out, const std::map<std::string, T> &values) {
  out.start_object();
  bool first = true;
  for (const auto &[key, value] : values) {
    if (!first) {
      out.append_comma();
    }
    first = false;
    write(out, key);
    out.append_colon();
    write(out, value);
  }
  out.end_object();
}

template <class T> Encode encode(const std::vector<T> &values) {
  return [&values, out = std::make_shared<Builder>()] {
    out->clear();
    write(*out, values);
    return out->view().value();
  };
}
} // namespace

#define DEFINE(Type)                                                                                                   \
  Encode by_simdjson(const std::vector<Type> &values) { return encode(values); }
EACH_TYPE(DEFINE)
