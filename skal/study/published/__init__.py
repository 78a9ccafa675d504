"""Protocols of papers, written down."""

from skal.study.published.protocol import PublishedProtocol, Scale
from skal.study.published.protocols import PROTOCOLS, find_protocol

__all__ = ["PROTOCOLS", "PublishedProtocol", "Scale", "find_protocol"]
