package dev.firn.walquorum.pgwire.conninfo;

import java.nio.file.Path;

/**
 * One place where the server may be.
 *
 * @param name    host name, address, or the directory of its socket; empty when only an address is given.
 * @param address what to connect to instead of looking up the name; empty for none.
 */
public record ServerHost(String name, String address, int port) {
    public boolean isSocketDirectory() {
        return address.isEmpty() && name.startsWith("/");
    }

    /** The socket's file, as UNIXSOCK_PATH of libpq/pqcomm.h makes it. */
    public Path socketFile() {
        return Path.of(name, ".s.PGSQL." + port);
    }

    /** What is looked up or taken as an address. */
    public String target() {
        return address.isEmpty() ? name : address;
    }

    /** What its certificate must be made for, and .pgpass has it under. */
    public String verifiedName() {
        return name.isEmpty() ? address : name;
    }

    @Override
    public String toString() {
        return isSocketDirectory() ? socketFile().toString() : verifiedName() + ":" + port;
    }
}
