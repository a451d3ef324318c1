// RapidJSON's Writer, which takes one call for each token.
#if defined(__SSE4_2__)
#define RAPIDJSON_SSE42
#endif
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "peers.hpp"

namespace {
using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

void write(Writer &out, bool value) { out.Bool(value); }
void write(Writer &out, std::uint32_t value) { out.Uint(value); }
void write(Writer &out, std::uint64_t value) { out.Uint64(value); }
void write(Writer &out, std::int64_t value) { out.Int64(value); }
void write(Writer &out, double value) { out.Double(value); }
void write(Writer &out, const std::string &value) { out.String(value.data(), value.size()); }
template <class T> void write(Writer &out, const std::optional<T> &value);
template <class A, class B> void write(Writer &out, const std::pair<A, B> &value);
template <class T> void write(Writer &out, const std::vector<T> &values);
template <class T> void write(Writer &out, const std::map<std::string, T> &values);

template <Struct T> void write(Writer &out, const T &value) {
  out.StartObject();
  T::fields([&](auto key, auto member) {
    out.Key(key.name, sizeof(key.name) - 1);
    write(out, value.*member);
  });
  out.EndObject();
}

template <class T> void write(Writer &out, const std::optional<T> &value) {
  if (value) {
    write(out, *value);
  } else {
    out.Null();
  }
}

template <class A, class B> void write(Writer &out, const std::pair<A, B> &value) {
  out.StartArray();
  write(out, value.first);
  write(out, value.second);
  out.EndArray();
}

template <class T> void write(Writer &out, const std::vector<T> &values) {
  out.StartArray();
  for (const auto &value : values) {
    write(out, value);
  }
  out.EndArray();
}

template <class T> void write(Writer &out, const std::map<std::string, T> &values) {
  out.StartObject();
  for (const auto &[key, value] : values) {
    out.Key(key.data(), key.size());
    write(out, value);
  }
  out.EndObject();
}

template <class T> Encode encode(const std::vector<T> &values) {
  return [&values, buffer = std::make_shared<rapidjson::StringBuffer>()] {
    buffer->Clear();
    Writer out(*buffer);
    write(out, values);
    return std::string_view(buffer->GetString(), buffer->GetSize());
  };
}
} // namespace

#define DEFINE(Type)                                                                                                   \
  Encode by_rapidjson(const std::vector<Type> &values) { return encode(values); }
EACH_TYPE(DEFINE)
