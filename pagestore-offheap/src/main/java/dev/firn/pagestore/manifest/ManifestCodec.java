package dev.firn.pagestore.manifest;

import dev.firn.nativeio.checksum.Crc32c;
import dev.firn.pagestore.key.KeyRange;
import dev.firn.pagestore.layer.LayerDescription;
import dev.firn.pagestore.layer.LayerKind;
import dev.firn.pagestore.layer.LayerName;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A manifest as bytes: {@code docs/page-layers.md} describes them. Stateless. */
public final class ManifestCodec {
    static final int VERSION = 1;

    /** "FIRNMANI". */
    static final long MAGIC = 0x494E414D_4E524946L;

    /** The longest: half a million layers. */
    public static final int MAX_BYTES = 64 << 20;

    static final int LENGTH = 12;
    static final int FIXED_BYTES = 72;
    static final int LAYER_BYTES = 120;
    private static final int LEAST_HOLD_BYTES = 2 + 2 * Long.BYTES;
    private static final int CHECKSUM_BYTES = Integer.BYTES;

    private ManifestCodec() {}

    /**
     * The bytes of a manifest.
     *
     * @throws IllegalArgumentException when they would be more than {@link #MAX_BYTES}.
     */
    public static byte[] encode(final Manifest manifest) {
        final byte[] timeline = utf8(manifest.timeline());
        final byte[] parent = utf8(manifest.parent());
        final byte[] baseBackup = utf8(manifest.baseBackup());
        final List<byte[]> holders =
                manifest.holds().stream().map(hold -> utf8(hold.holder())).toList();
        final long length = FIXED_BYTES
                + 3L * Short.BYTES
                + timeline.length
                + parent.length
                + baseBackup.length
                + holders.stream()
                        .mapToLong(holder -> LEAST_HOLD_BYTES + holder.length)
                        .sum()
                + (long) LAYER_BYTES * manifest.layers().size()
                + CHECKSUM_BYTES;
        if (length > MAX_BYTES) {
            throw new IllegalArgumentException("the manifest of timeline " + manifest.timeline() + " would have "
                    + length + " bytes, more than its limit of " + MAX_BYTES);
        }
        final ByteBuffer bytes = ByteBuffer.allocate((int) length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(MAGIC).putInt(VERSION).putInt((int) length);
        bytes.putLong(manifest.epoch()).putLong(manifest.owner()).putLong(manifest.generation());
        bytes.putLong(manifest.uploadedLsn()).putLong(manifest.branchLsn()).putLong(manifest.oldestLsn());
        bytes.putInt(holders.size()).putInt(manifest.layers().size());
        put(bytes, timeline);
        put(bytes, parent);
        put(bytes, baseBackup);
        for (int i = 0; i < holders.size(); i++) {
            put(bytes, holders.get(i));
            bytes.putLong(manifest.holds().get(i).lsn());
            bytes.putLong(manifest.holds().get(i).untilEpochMs());
        }
        manifest.layers().forEach(layer -> put(bytes, layer));
        bytes.putInt(Crc32c.compute(bytes.array(), 0, bytes.position()));
        return bytes.array();
    }

    /** @throws MalformedManifestException when the bytes are none. */
    public static Manifest decode(final byte[] bytes) {
        if (bytes.length < FIXED_BYTES + CHECKSUM_BYTES) {
            throw new MalformedManifestException("a manifest does not have " + bytes.length + " bytes");
        }
        final ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        if (in.getLong() != MAGIC) {
            throw new MalformedManifestException("it does not begin as a manifest does");
        }
        final int version = in.getInt();
        if (version != VERSION) {
            throw new MalformedManifestException(
                    "a manifest of version " + version + "; this program reads " + VERSION);
        }
        final int length = in.getInt();
        final int end = bytes.length - CHECKSUM_BYTES;
        final int checksum = in.getInt(end);
        final int found = Crc32c.compute(bytes, 0, end);
        if (length != bytes.length || found != checksum) {
            throw new MalformedManifestException("a manifest of " + bytes.length + " bytes says that it has " + length
                    + "; its checksum is " + Integer.toHexString(found) + ", not " + Integer.toHexString(checksum));
        }
        in.limit(end);
        try {
            return decode(in);
        } catch (final BufferUnderflowException | IllegalArgumentException | CharacterCodingException e) {
            throw new MalformedManifestException(
                    "a manifest whose checksum is right, but not what it says at byte " + in.position() + ": " + e, e);
        }
    }

    private static Manifest decode(final ByteBuffer in) throws CharacterCodingException {
        final long epoch = in.getLong();
        final long owner = in.getLong();
        final long generation = in.getLong();
        final long uploadedLsn = in.getLong();
        final long branchLsn = in.getLong();
        final long oldestLsn = in.getLong();
        final int holdCount = count(in, LEAST_HOLD_BYTES);
        final int layerCount = count(in, LAYER_BYTES);
        final String timeline = string(in);
        final String parent = string(in);
        final String baseBackup = string(in);
        final List<Manifest.Hold> holds = new ArrayList<>(holdCount);
        for (int i = 0; i < holdCount; i++) {
            holds.add(new Manifest.Hold(string(in), in.getLong(), in.getLong()));
        }
        final List<LayerDescription> layers = new ArrayList<>(layerCount);
        for (int i = 0; i < layerCount; i++) {
            layers.add(layer(in));
        }
        if (in.hasRemaining() || epoch < 1 || generation < 1) {
            throw new IllegalArgumentException(
                    in.remaining() + " bytes are left over, epoch " + epoch + ", generation " + generation);
        }
        return new Manifest(
                timeline,
                epoch,
                owner,
                generation,
                uploadedLsn,
                parent,
                branchLsn,
                baseBackup,
                oldestLsn,
                holds,
                layers);
    }

    /** A count of things, each of so many bytes at least: one that cannot be true is found before anything is made of it. */
    private static int count(final ByteBuffer in, final int leastBytes) {
        final int count = in.getInt();
        if (count < 0 || count > in.remaining() / leastBytes) {
            throw new IllegalArgumentException(count + " things of " + leastBytes + " bytes at least");
        }
        return count;
    }

    private static void put(final ByteBuffer out, final LayerDescription layer) {
        out.putLong(layer.name().epoch()).putLong(layer.name().number());
        out.putInt(layer.kind().number()).putInt(layer.checksum());
        final KeyRange keys = layer.keys();
        out.putLong(keys.fromHigh()).putLong(keys.fromMiddle()).putLong(keys.fromLow());
        out.putLong(keys.toHigh()).putLong(keys.toMiddle()).putLong(keys.toLow());
        out.putLong(layer.fromLsn()).putLong(layer.toLsn());
        out.putLong(layer.lengthBytes()).putLong(layer.indexOffset());
        out.putLong(layer.entries()).putLong(layer.contentBytes());
    }

    private static LayerDescription layer(final ByteBuffer in) {
        final LayerName name = new LayerName(in.getLong(), in.getLong());
        final int number = in.getInt();
        final LayerKind kind = LayerKind.of(number);
        if (kind == null) {
            throw new IllegalArgumentException("no kind of layer has the number " + number);
        }
        final int checksum = in.getInt();
        final KeyRange keys =
                new KeyRange(in.getLong(), in.getLong(), in.getLong(), in.getLong(), in.getLong(), in.getLong());
        return new LayerDescription(
                name,
                kind,
                keys,
                in.getLong(),
                in.getLong(),
                in.getLong(),
                in.getLong(),
                in.getLong(),
                in.getLong(),
                checksum);
    }

    private static void put(final ByteBuffer out, final byte[] string) {
        out.putShort((short) string.length).put(string);
    }

    private static byte[] utf8(final String string) {
        return string.getBytes(StandardCharsets.UTF_8);
    }

    private static String string(final ByteBuffer in) throws CharacterCodingException {
        final int length = Short.toUnsignedInt(in.getShort());
        if (length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        final ByteBuffer slice = in.slice(in.position(), length);
        in.position(in.position() + length);
        return StandardCharsets.UTF_8.newDecoder().decode(slice).toString();
    }
}
