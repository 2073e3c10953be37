// Certificates for tests, made when they are needed.
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>

namespace aemp::net::testing {

struct identity {
  std::shared_ptr<EVP_PKEY> key;
  std::shared_ptr<X509> certificate;

  std::string key_pem() const {
    return printed(
        [this](BIO* to) { PEM_write_bio_PrivateKey(to, key.get(), nullptr, nullptr, 0, nullptr, nullptr); });
  }
  std::string locked_key_pem() const {
    return printed([this](BIO* to) {
      unsigned char password[] = "password";
      PEM_write_bio_PrivateKey(to, key.get(), EVP_aes_128_cbc(), password, 8, nullptr, nullptr);
    });
  }
  std::string certificate_pem() const {
    return printed([this](BIO* to) { PEM_write_bio_X509(to, certificate.get()); });
  }
  std::string pem() const { return certificate_pem() + key_pem(); }

 private:
  template <class Print>
  static std::string printed(Print print) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), BIO_free);
    print(bio.get());
    char* text = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &text);
    return {text, static_cast<std::size_t>(size)};
  }
};

struct certificate_options {
  const identity* issuer = nullptr;  // null: it signs itself
  bool authority = false;
  bool only_for_servers = false;
  long from_days = -1;
  long to_days = 30;
  std::string names = {};  // "URI:aemp:web,URI:aemp:worker/*"
};

inline identity make_identity(const char* name, certificate_options options = {}) {
  identity out{{EVP_EC_gen("P-256"), EVP_PKEY_free}, {X509_new(), X509_free}};
  X509* const x = out.certificate.get();
  static long serial = 1;
  X509_set_version(x, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(x), serial++);
  X509_gmtime_adj(X509_getm_notBefore(x), options.from_days * 86400);
  X509_gmtime_adj(X509_getm_notAfter(x), options.to_days * 86400);
  X509_set_pubkey(x, out.key.get());
  X509_NAME* const subject = X509_get_subject_name(x);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(name), -1,
                             -1, 0);
  const identity& issuer = options.issuer != nullptr ? *options.issuer : out;
  X509_set_issuer_name(x, X509_get_subject_name(issuer.certificate.get()));
  const auto extend = [&](int what, const char* value) {
    X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, what, value);
    X509_add_ext(x, extension, -1);
    X509_EXTENSION_free(extension);
  };
  if (options.authority) extend(NID_basic_constraints, "critical,CA:TRUE");
  if (!options.names.empty()) extend(NID_subject_alt_name, options.names.c_str());
  if (options.only_for_servers) extend(NID_ext_key_usage, "serverAuth");
  X509_sign(x, issuer.key.get(), EVP_sha256());
  return out;
}

}  // namespace aemp::net::testing
