"""The design system: page layouts, one form renderer, components. It knows nothing of the domain."""
