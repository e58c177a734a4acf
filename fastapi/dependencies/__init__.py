"""What an endpoint or a dependency needs from a request, and how it gets it.

``models`` holds the description of a callable (``Dependant``), ``utils`` is the public home of every
function; the other modules each hold one noun of it: ``signature``, ``analysis``, ``flat``, ``values``,
``body``, ``multipart`` and ``solver``.
"""
