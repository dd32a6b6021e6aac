"""CPU, memory and quotas: asked for, allowed, used."""
