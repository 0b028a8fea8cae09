import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Path;

import org.elasticsearch.bootstrap.ServerArgs;
import org.elasticsearch.common.bytes.BytesReference;
import org.elasticsearch.common.io.stream.BytesStreamOutput;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.KeyStoreWrapper;
import org.elasticsearch.common.settings.Settings;

/** Hands one Elasticsearch node its arguments, as its own command line would, and becomes it; it stops when stdin ends. */
public class StartElasticsearch {
    public static void main(String[] said) throws Exception {
        LogConfigurator.configureESLogging();
        Path home = Path.of(said[0]), conf = Path.of(said[1]), logs = Path.of(said[2]);
        KeyStoreWrapper secrets = KeyStoreWrapper.create();
        if (said.length > 3) secrets.setString("bootstrap.password", said[3].toCharArray());
        Settings settings = Settings.builder().put("path.home", home.toString()).put("path.logs", logs.toString())
            .loadFromPath(conf.resolve("elasticsearch.yml")).build();
        byte[] arguments;
        try (BytesStreamOutput out = new BytesStreamOutput()) {
            new ServerArgs(false, false, null, secrets, settings, conf, logs).writeTo(out);
            arguments = BytesReference.toBytes(out.bytes());
        }
        InputStream rest = System.in;
        System.setIn(new SequenceInputStream(new ByteArrayInputStream(arguments), rest));
        var start = ServerArgs.class.getClassLoader().loadClass("org.elasticsearch.bootstrap.Elasticsearch")
            .getDeclaredMethod("main", String[].class);
        start.setAccessible(true);
        start.invoke(null, (Object) new String[0]);
    }
}
