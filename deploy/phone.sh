# Shared by deploy/demo alone: serves the demo to phones in the same network. Browsers give camera, service
# worker and cryptography only to HTTPS, so HAProxy stands in front, with a certificate of its own authority.
# Sourced by bash with `set -euo pipefail`; $var is the folder of the demo's data.

phone_folder=$var/phone
phone_days=30

# Prints the address by which this machine reaches others, or nothing.
own_address() {
    ip -4 route get 203.0.113.1 2>/dev/null | sed -n 's/.* src \([0-9.]*\).*/\1/p'
}

# make_certificate ADDRESS: makes an authority and its one certificate, for this address. The authority's key
# is thrown away, so a phone that trusts it trusts nothing else by it.
make_certificate() (
    key='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes' made=$phone_folder
    umask 077
    rm -rf "$made" && mkdir "$made" || return
    cat >"$made/openssl.cnf" <<END
[req]
distinguished_name = name
prompt = no
[name]
CN = Einlass demo at $1
[authority]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = IP:$1
authorityKeyIdentifier = keyid
END
    # shellcheck disable=SC2086
    openssl req -x509 $key -days $phone_days -config "$made/openssl.cnf" -extensions authority \
        -keyout "$made/authority.key" -out "$made/authority.crt" &&
        openssl req $key -config "$made/openssl.cnf" -keyout "$made/server.key" -out "$made/server.csr" &&
        openssl x509 -req -in "$made/server.csr" -CA "$made/authority.crt" -CAkey "$made/authority.key" \
            -days $phone_days -extfile "$made/openssl.cnf" -extensions server -out "$made/server.crt" &&
        cat "$made/server.crt" "$made/server.key" >"$made/server.pem" &&
        rm "$made/authority.key" "$made/server.key" "$made/server.csr" "$made/server.crt"
)

has_certificate() {
    grep -qx "subjectAltName = IP:$1" "$phone_folder/openssl.cnf" 2>/dev/null &&
        openssl x509 -in "$phone_folder/server.pem" -noout -checkend 86400 >/dev/null 2>&1
}

# start_proxy ADDRESS PORT: serves http://127.0.0.1:PORT at the address: by HTTPS one port above, and by HTTP
# two ports above, from where a phone takes the certificate.
start_proxy() {
    cat >"$phone_folder/haproxy.cfg" <<END
defaults
    mode http
    timeout connect 2s
    timeout client 60s
    timeout server 60s
frontend phones
    bind $1:$(($2 + 1)) ssl crt "$phone_folder/server.pem" alpn h2,http/1.1
    bind $1:$(($2 + 2))
    option forwardfor
    http-request deny deny_status 404 if { path /metrics }
    http-request return status 200 content-type application/x-x509-ca-cert file "$phone_folder/authority.crt" if { path /einlass-demo.crt }
    default_backend demo
backend demo
    server demo 127.0.0.1:$2
END
    haproxy -D -p "$phone_folder/haproxy.pid" -f "$phone_folder/haproxy.cfg" 9>&- >>"$log" 2>&1 ||
        die "HAProxy does not start: $(tail -n 1 "$log")
Give another port with --port, or this machine's address with --phone=ADDRESS."
}

stop_proxy() {
    local pid
    pid=$(cat "$phone_folder/haproxy.pid" 2>/dev/null) || return 0
    [ "$(cat "/proc/$pid/comm" 2>/dev/null)" != haproxy ] || kill "$pid"
    rm -f "$phone_folder/haproxy.pid"
}
