package dev.firn.pagestore.service;

import dev.firn.transport.codec.pages.MessageHeaderDecoder;
import dev.firn.transport.codec.pages.PageDecoder;
import dev.firn.transport.codec.pages.PagesDecoder;
import dev.firn.transport.codec.pages.ValuesDecoder;
import org.agrona.DirectBuffer;

/** Where things stand in the messages of {@code pages.xml}. */
final class PagesLayout {
    static final int HEADER = MessageHeaderDecoder.ENCODED_LENGTH;

    /** Where an answer's page begins. */
    static final int PAGE_AT = HEADER + PageDecoder.BLOCK_LENGTH;

    /** Where the pages of an answer begin. */
    static final int PAGES_AT = HEADER + PagesDecoder.BLOCK_LENGTH;

    /** Where an answer's values begin. */
    static final int VALUES_AT = HEADER + ValuesDecoder.BLOCK_LENGTH;

    private PagesLayout() {}

    /**
     * Whether a message is one that this version reads: of this schema, of this version or the one before, of this template, and as
     * long as header and block are. Reads nothing beyond its length.
     */
    static boolean isReadable(
            final MessageHeaderDecoder header,
            final DirectBuffer buffer,
            final int offset,
            final int length,
            final int templateId,
            final int blockLength) {
        if (length < HEADER + blockLength) {
            return false;
        }
        header.wrap(buffer, offset);
        final int version = header.version();
        return header.schemaId() == MessageHeaderDecoder.SCHEMA_ID
                && (version == MessageHeaderDecoder.SCHEMA_VERSION
                        || version == MessageHeaderDecoder.SCHEMA_VERSION - 1)
                && header.templateId() == templateId
                && header.blockLength() == blockLength;
    }
}
