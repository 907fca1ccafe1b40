package dev.firn.s3tier.crt;

import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * An element of an answer's XML, with the text directly in it. Namespaces and attributes are left out: stores differ in
 * them. What reads it trusts nothing: no document type, no entities but XML's own five, no more than {@link #MAX_DEPTH} levels;
 * the answer's length is bounded where it is received.
 */
record XmlElement(String name, String text, List<XmlElement> children) {
    static final int MAX_DEPTH = 16;

    static XmlElement parse(final byte[] xml) throws MalformedAnswerException {
        try {
            final XMLStreamReader reader = newFactory().createXMLStreamReader(new StringReader(utf8(xml)));
            try {
                return read(reader);
            } finally {
                reader.close();
            }
        } catch (final XMLStreamException | RuntimeException e) {
            // The JDK's reader throws unchecked ones, too, at input that is broken in unusual ways.
            throw new MalformedAnswerException("its XML is broken (" + firstLine(e) + ")", e);
        }
    }

    /** The text of the first child of this name, or null. */
    String childText(final String childName) {
        final XmlElement child = child(childName);
        return child == null ? null : child.text;
    }

    String requireText(final String childName) throws MalformedAnswerException {
        final String found = childText(childName);
        if (found == null) {
            throw new MalformedAnswerException("a <" + name + "> of it has no <" + childName + ">");
        }
        return found;
    }

    long requireLength(final String childName) throws MalformedAnswerException {
        final String found = requireText(childName).trim();
        try {
            final long length = Long.parseLong(found);
            if (length >= 0) {
                return length;
            }
        } catch (final NumberFormatException e) {
            throw new MalformedAnswerException("its <" + childName + "> is no number: " + found, e);
        }
        throw new MalformedAnswerException("its <" + childName + "> is less than nothing: " + found);
    }

    XmlElement child(final String childName) {
        for (final XmlElement child : children) {
            if (child.name.equals(childName)) {
                return child;
            }
        }
        return null;
    }

    XmlElement requireName(final String expected) throws MalformedAnswerException {
        if (!name.equals(expected)) {
            throw new MalformedAnswerException("it is a <" + name + ">, not a <" + expected + ">");
        }
        return this;
    }

    private static XmlElement read(final XMLStreamReader reader) throws XMLStreamException, MalformedAnswerException {
        final Deque<XmlElement> open = new ArrayDeque<>();
        final Deque<StringBuilder> texts = new ArrayDeque<>();
        XmlElement root = null;
        while (reader.hasNext()) {
            switch (reader.next()) {
                case XMLStreamConstants.DTD, XMLStreamConstants.ENTITY_REFERENCE ->
                    throw new MalformedAnswerException("its XML has a document type or entities of its own");
                case XMLStreamConstants.START_ELEMENT -> {
                    if (open.size() == MAX_DEPTH) {
                        throw new MalformedAnswerException("its XML has more than " + MAX_DEPTH + " levels");
                    }
                    open.push(new XmlElement(reader.getLocalName(), "", new ArrayList<>()));
                    texts.push(new StringBuilder());
                }
                case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA, XMLStreamConstants.SPACE -> {
                    if (!texts.isEmpty()) {
                        texts.peek().append(reader.getText());
                    }
                }
                case XMLStreamConstants.END_ELEMENT -> {
                    final XmlElement ended = open.pop();
                    final XmlElement whole =
                            new XmlElement(ended.name, texts.pop().toString(), ended.children);
                    if (open.isEmpty()) {
                        root = whole;
                    } else {
                        open.peek().children.add(whole);
                    }
                }
                default -> {}
            }
        }
        if (root == null) {
            throw new MalformedAnswerException("it holds no XML");
        }
        return root;
    }

    /** Stores send UTF-8, whatever a declaration says. */
    private static String utf8(final byte[] xml) throws MalformedAnswerException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(xml))
                    .toString();
        } catch (final CharacterCodingException e) {
            throw new MalformedAnswerException("it is no UTF-8", e);
        }
    }

    /** Made anew for each answer: the JDK's factory promises nothing to threads, and costs little. */
    private static XMLInputFactory newFactory() {
        final XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory.IS_REPLACING_ENTITY_REFERENCES, true);
        // Else the JDK's reader writes what it finds to standard error.
        factory.setXMLReporter((_, _, _, _) -> {});
        factory.setXMLResolver((_, _, _, _) -> {
            throw new XMLStreamException("external entities are not resolved");
        });
        return factory;
    }

    private static String firstLine(final Exception e) {
        final String message = String.valueOf(e.getMessage());
        final int end = message.indexOf('\n');
        return end < 0 ? message : message.substring(0, end);
    }
}
