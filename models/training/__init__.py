"""Training of the reader: data, packing, the network, the adapter and its export."""
