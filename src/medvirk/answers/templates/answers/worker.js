// The headers of a page that is shown again without the server are those it would have had from it.
const HEADERS = {{ headers|safe }};
importScripts("{% static 'answers/device.js' %}", "{% static 'answers/deliver.js' %}", "{% static 'answers/worker.js' %}");
